if not held then
  return 0
end
keep(string.format('free %.0f', attempt), retention)
return 1
