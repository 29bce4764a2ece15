if held then
  keep('completed ' .. owner, retention)
  return 1
end
if state == 'completed' and holder == owner then
  return 1
end
return 0
