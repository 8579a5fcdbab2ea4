// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
package import RedisWire

/// A slot moves key by key. While stream and floor are at two nodes, a script that names both is refused at both.
extension SettlementPlan {
    /// Returns calls for the leases that were refused for this reason, with the positions of the calls that they replace.
    /// A lease is extended without the floor. Everything else waits until both keys are at one node.
    ///
    /// - Parameter replies: The replies to `calls`.
    package func callsWithoutFloor(after replies: [RedisReply]) -> (positions: [Int], calls: ScriptCalls) {
        var positions: [Int] = []
        var calls = ScriptCalls()
        for (position, reply) in replies.enumerated() where reply.error?.text.hasPrefix("TRYAGAIN") == true {
            let extended = called[position].map { lines[$0] }
            guard let first = extended.first, case .extend = first.verb else { continue }
            positions.append(position)
            calls.addExtend(extended, keys.key(of: first.receipt.stream), epoch: first.receipt.epoch, member)
        }
        return (positions, calls)
    }
}

extension ScriptCalls {
    fileprivate mutating func addExtend(
        _ lines: [SettlementPlan.Line], _ key: String, epoch: UInt64, _ member: Member
    ) {
        begin(RedisScripts.extend, for: .key(key), keys: 1, arguments: 3 + 3 * lines.count)
        for part in [key, member.group.text, member.nameOnServer] { add(part) }
        add(epoch)
        for line in lines {
            add(line.receipt.id.description)
            add(line.receipt.token)
            add(line.verb.token ?? line.receipt.token)
        }
    }
}
