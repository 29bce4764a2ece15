if not held then
  return 0
end
hold()
return 1
