-- Removes the keys of a group beside a stream that is gone.
--
-- KEYS: stream, floor, due.
-- Assumes nothing about the keys. A group that is made again without its stream begins at 0 whatever its floor was,
-- and its epoch follows the clock. So nothing is lost with the keys.
-- Returns 1 if there is no such stream, else 0, or an error.
return attempt(function()
  if call('EXISTS', stream) == 1 then return 0 end
  for i = 2, #KEYS do call('DEL', KEYS[i]) end
  return 1
end)
