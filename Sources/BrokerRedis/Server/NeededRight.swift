// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// One command that consuming needs, and how to ask the server for the right to it.
struct NeededRight: Sendable, Hashable {
    /// The command as an ACL rule has it: `xclaim`, `xgroup|create`.
    let rule: String
    /// The key as an ACL rule has it: `~orders`, `~{orders}:*`; `nil` for commands without a key.
    let keyRule: String?
    /// The command with the right number of arguments; it is checked, not run.
    let call: [String]
    /// Whether consuming is impossible without it; else only its `use` is missing.
    let isEssential: Bool
    /// What it is used for.
    let use: String
}

extension NeededRight {
    /// Returns everything that a group of a stream needs.
    ///
    /// - Parameters:
    ///   - isSample: Whether the stream is an example for a pattern, about whose streams nothing is certain.
    ///   - place: What the right to find the server depends on.
    static func all(
        stream: StreamName, group: GroupName, letters: StreamName?, keys: RedisKeys, isSample: Bool,
        at place: RedisPlace
    ) -> [NeededRight] {
        var needs = Needs(isEssential: !isSample)
        let key = keys.key(of: stream)
        let beside = "~\(key.contains("{") ? key : "{\(key)}"):*"
        needs.onStream(key, rule: "~\(key)", group: group.text)
        needs.onFloor(keys.floor(group, of: stream), rule: beside)
        needs.onDue(keys.due(group, of: stream), rule: beside)
        needs.onFormerGuard(keys.formerGuard(group, of: stream), rule: beside)
        if let letters {
            let destination = keys.key(of: letters)
            let isBeside = letters == stream.deadLetters
            needs.add("dead letters", isBeside ? beside : "~\(destination)", "xadd", destination, "*", "f", "v")
        }
        needs.onServer()
        needs.onPlace(place)
        if isSample { needs.onSets(keys) }
        return needs.rights
    }

    private struct Needs {
        let isEssential: Bool
        var rights: [NeededRight] = []

        /// Adds a right that is essential.
        mutating func add(_ use: String, _ keyRule: String?, _ words: String...) {
            append(use, keyRule, words, isEssential)
        }

        /// Adds a right that is not essential.
        mutating func wish(_ use: String, _ keyRule: String?, _ words: String...) {
            append(use, keyRule, words, false)
        }

        private mutating func append(_ use: String, _ keyRule: String?, _ words: [String], _ isEssential: Bool) {
            let isContainer = ["xgroup", "xinfo", "client", "cluster"].contains(words[0])
            let rule = isContainer ? "\(words[0])|\(words[1])" : words[0]
            rights.append(NeededRight(rule: rule, keyRule: keyRule, call: words, isEssential: isEssential, use: use))
        }

        mutating func onStream(_ key: String, rule: String, group: String) {
            add("reads", rule, "xreadgroup", "group", group, "c", "streams", key, ">")
            add("acks", rule, "xack", key, group, "0-1")
            add("leases", rule, "xclaim", key, group, "c", "0", "0-1")
            add("leases", rule, "xpending", key, group)
            add("groups", rule, "xgroup", "create", key, group, "0")
            add("groups", rule, "xinfo", "consumers", key, group)
            add("groups", rule, "xinfo", "stream", key)
            add("groups", rule, "exists", key)
            add("retries", rule, "xrange", key, "-", "+")
            wish("retention and counts", rule, "xinfo", "groups", key)
            wish("retention", rule, "xtrim", key, "minid", "0")
            wish("counts", rule, "xlen", key)
            wish("leaving the group", rule, "xgroup", "delconsumer", key, group, "c")
        }

        mutating func onFloor(_ key: String, rule: String) {
            add("groups", rule, "hget", key, "id")
            add("groups", rule, "hset", key, "id", "0")
            wish("mending", rule, "del", key)
        }

        mutating func onDue(_ key: String, rule: String) {
            add("retries", rule, "zadd", key, "0", "m")
            add("retries", rule, "zrem", key, "m")
            add("retries", rule, "zrangebyscore", key, "0", "1")
            add("retries", rule, "zrevrangebyscore", key, "1", "0")
            add("retries", rule, "zrange", key, "0", "1")
            add("retries", rule, "zcard", key)
        }

        mutating func onFormerGuard(_ key: String, rule: String) {
            wish("takeovers beside an earlier version", rule, "get", key)
            wish("takeovers beside an earlier version", rule, "set", key, "0")
        }

        mutating func onServer() {
            add("scripts", nil, "time")
            add("scripts", nil, "evalsha", "digest", "0")
            add("scripts", nil, "eval", "return 1", "0")
            wish("ending a read early", nil, "client", "id")
            wish("ending a read early", nil, "client", "unblock", "1")
        }

        mutating func onPlace(_ place: RedisPlace) {
            switch place {
            case .server: break
            case .sentinels: wish("telling a primary from a replica quickly", nil, "role")
            case .cluster:
                add("finding the nodes", nil, "cluster", "slots")
                wish("finding the nodes", nil, "cluster", "info")
                add("slots that move", nil, "asking")
                add("publishing in order", nil, "multi")
                add("publishing in order", nil, "exec")
            }
        }

        mutating func onSets(_ keys: RedisKeys) {
            let part = keys.streamSetParts.first.map { (key: $0, rule: "~\($0.dropLast("0}".count))*") }
            for set in [part, (key: keys.streamSet, rule: "~\(keys.streamSet)")].compactMap({ $0 }) {
                wish("patterns", set.rule, "smembers", set.key)
                wish("patterns", set.rule, "srem", set.key, "m")
            }
            wish("patterns", nil, "scan", "0")
        }
    }
}
