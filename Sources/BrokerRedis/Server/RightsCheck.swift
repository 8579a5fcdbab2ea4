// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Checks what a user may do on the server, and names the ACL rules that are missing.
struct RightsCheck: Sendable {
    /// The server's judgement of one right.
    enum Judgement: Int, Sendable {
        case allowed = 1
        case forbidden = 0
        case unknownCommand = -1
    }

    /// A script that checks everything at once with the rights of its caller. ACL DRYRUN would do the same, but needs a
    /// right of administrators, and a user without it leaves a line in ACL LOG.
    static let script = RedisScript(String(decoding: PackageResources.rights_lua, as: UTF8.self))

    let needs: [NeededRight]

    /// The call that checks all of them.
    var calls: ScriptCalls {
        var calls = ScriptCalls()
        calls.begin(Self.script, for: .anyNode, keys: 0, arguments: needs.reduce(0) { $0 + $1.call.count + 1 })
        for need in needs {
            calls.add(need.call.count)
            for word in need.call { calls.add(word) }
        }
        return calls
    }

    /// Returns the findings in the reply.
    func findings(_ reply: RedisReply) -> [ServerFinding] {
        if let error = reply.error { return [finding(scripts: error)] }
        let judgements = reply.elements.map { $0.integer.flatMap(Judgement.init) ?? .allowed }
        guard judgements.count == needs.count else {
            return [ServerFinding(severity: .unknown, message: "the server does not say what its user may do")]
        }
        let judged = Array(zip(needs, judgements))
        let keys = Set(judged.filter { $0.1 == .allowed }.compactMap(\.0.keyRule))
        return commands(judged)
            + [true, false].compactMap { isEssential in
                let forbidden = judged.filter { $0.1 == .forbidden && $0.0.isEssential == isEssential }.map(\.0)
                return rights(forbidden, allowedKeys: keys, isEssential)
            }
    }

    private func finding(scripts error: ServerError) -> ServerFinding {
        if error.text.hasPrefix("NOPERM") {
            return ServerFinding(
                severity: .unusable, message: "the server's user lacks rights: +evalsha +eval (\(error))",
                code: .unauthorized)
        }
        let severity: ServerFinding.Severity = error.reaction.isTemporary ? .unready : .unusable
        return ServerFinding(severity: severity, message: "the server runs no scripts: \(error)")
    }

    private func commands(_ judged: [(NeededRight, Judgement)]) -> [ServerFinding] {
        let missing = judged.filter { $0.1 == .unknownCommand }.map(\.0)
        return [true, false].compactMap { isEssential in
            let names = Self.distinct(missing.filter { $0.isEssential == isEssential }.map { $0.rule.uppercased() })
            if names.isEmpty { return nil }
            return ServerFinding(
                severity: isEssential ? .unusable : .warning,
                message: "the server does not have the commands \(names.joined(separator: ", "))", code: .unsupported)
        }
    }

    /// Returns the missing rules in one finding. If nothing is allowed on a key while commands are allowed on others,
    /// the finding names the key and not each command.
    private func rights(
        _ forbidden: [NeededRight], allowedKeys: Set<String>, _ isEssential: Bool
    ) -> ServerFinding? {
        if forbidden.isEmpty { return nil }
        var rules: [String] = []
        for need in forbidden {
            let lacksKey = need.keyRule.map { !allowedKeys.contains($0) } ?? false
            if !lacksKey || allowedKeys.isEmpty { rules.append("+\(need.rule)") }
            if let key = need.keyRule { rules.append(key) }
        }
        let uses = Self.distinct(forbidden.map(\.use)).joined(separator: ", ")
        return ServerFinding(
            severity: isEssential ? .unusable : .warning,
            message: "the server's user lacks rights: \(Self.distinct(rules).joined(separator: " ")) (for \(uses))",
            code: .unauthorized)
    }

    private static func distinct(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}
