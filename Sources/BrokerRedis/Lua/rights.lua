-- Asks the server which commands the caller may use. The script runs none of them and writes nothing to ACL LOG.
--
-- KEYS: none. ARGV: for each command the number of its words, then the words.
-- Assumes Redis 7.0 or later. Redis 6.2 cannot check rights.
-- Returns one number for each command: 1 allowed, 0 not allowed, -1 unknown to the server. Returns nothing on 6.2.
if not redis.acl_check_cmd then return {} end
local answers, position = {}, 1
while position <= #ARGV do
  local count = tonumber(ARGV[position])
  local isKnown, isAllowed = pcall(redis.acl_check_cmd, unpack(ARGV, position + 1, position + count))
  answers[#answers + 1] = isKnown and (isAllowed and 1 or 0) or -1
  position = position + count + 1
end
return answers
