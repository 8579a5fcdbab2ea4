// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What Redis 6.2 shows to scripts, imitated in front of a script on a newer server.
///
/// After scripting.c and t_stream.c of 6.2.14: there is no `acl_check_cmd`; what the server refuses before the command
/// runs is said with the place in the script, the dash and the end of the line, or without a code
/// (`luaPushError`, `luaRedisGenericCommand`); XCLAIM with JUSTID leases what is gone from the stream, without it
/// answers nil in the place of that (`xclaimCommand`).
enum OldLua {
    static let preamble = #"""
        local server = redis
        local redis = setmetatable({}, {__index = function(_, name)
          if name ~= 'acl_check_cmd' then return server[name] end
        end})
        function redis.pcall(...)
          local words = {...}
          if words[1] == 'XCLAIM' and #server.call('XRANGE', words[2], words[6], words[6]) == 0 then
            return words[#words] == 'JUSTID' and {words[6]} or {false}
          end
          local answer = server.pcall(...)
          local text = type(answer) == 'table' and answer.err
          if not text then return answer end
          local code = string.match(text, '^%u+')
          if code == 'OOM' or code == 'READONLY' or code == 'MISCONF' or code == 'NOREPLICAS' then
            return {err = '@user_script: 12: -' .. text .. '\r\n'}
          elseif string.find(text, '^ERR The user executing') or string.find(text, '^ERR ACL failure') then
            return {err = "@user_script: 12: The user executing the script can't run this command or subcommand"}
          end
          return answer
        end

        """#
}
