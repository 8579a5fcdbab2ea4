// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import RedisWire

/// Commands of tests, which name no route: tests have one server.
extension RedisCommands {
    package init(_ name: StaticString, _ arguments: String...) {
        self.init()
        begin(arguments.count + 1, name)
        for argument in arguments { add(argument) }
    }

    package mutating func begin(_ parts: Int, _ name: StaticString) {
        begin(parts, name, for: .anyNode)
    }
}

extension ScriptCalls {
    package mutating func begin(_ script: RedisScript, keys: Int, arguments: Int) {
        begin(script, for: .anyNode, keys: keys, arguments: arguments)
    }
}
