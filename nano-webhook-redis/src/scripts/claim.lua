-- {0, attempt}, {1, milliseconds that remain} or {2, 0}.
if state == 'completed' then
  return {2, 0}
end
if state == 'leased' and not held then
  return {1, deadline - now}
end
if not held then
  attempt = attempt + 1
end
hold()
return {0, attempt}
