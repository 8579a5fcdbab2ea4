// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerRedis
import RedisTestSupport
import RedisWire
import Synchronization

/// What a server of some version answers in a test: what the test says, else what a quiet server would.
final class DialectScript: Sendable {
    typealias Answer = ScriptedServer.Answer

    fileprivate struct State {
        var reads: [Answer]
        var answers: [String: [Answer]] = [:]
        var epoch = 0
    }

    private let dialect: Dialect
    private let state: Mutex<State>
    /// The read that blocks when all others are answered.
    private let last = HeldAnswer()

    /// - Parameter reads: what XREADGROUP is answered, one after another; the next one blocks until it is unblocked.
    init(_ dialect: Dialect, reads: [Answer] = []) {
        self.dialect = dialect
        state = Mutex(State(reads: reads))
    }

    /// Says what a command is answered the next times.
    func answer(_ command: String, _ answers: Answer...) {
        state.withLock { $0.answers[command, default: []] += answers }
    }

    /// Says what a script is answered the next times.
    func answer(_ script: RedisScript, _ answers: Answer...) {
        state.withLock { $0.answers[script.digest, default: []] += answers }
    }

    func respond(to command: [String]) -> Answer? {
        let key = command[0] == "EVALSHA" ? command[1] : command[0]
        if let prepared = state.withLock({ $0.takeAnswer(to: key) }) { return prepared }
        switch command[0] {
        case "INFO": return .bytes(RedisValue.text(dialect.information).bytes)
        case "CLIENT": return client(command)
        case "EVAL" where command[2] == "0": return .bytes(":0\r\n")
        case "EVALSHA": return script(command).map { .bytes($0.bytes) }
        case "XREADGROUP": return state.withLock { $0.reads.isEmpty ? .held(last) : $0.reads.removeFirst() }
        case "HGET": return .bytes(RedisValue.text("\(state.withLock { $0.epoch })").bytes)
        case "XACK", "EXISTS": return .bytes(":1\r\n")
        case "XRANGE": return .bytes("*0\r\n")
        case "AUTH", "SELECT", "PING": return nil
        default: return .bytes("-ERR unknown command '\(command[0])'\r\n")
        }
    }

    private func client(_ command: [String]) -> Answer {
        switch command[1] {
        case "ID": return .bytes(":7\r\n")
        case "UNBLOCK":
            if command[2] == "7" { last.give(.bytes(RedisText.nothing.bytes)) }
            return .bytes(":0\r\n")
        default: return .bytes("+OK\r\n")
        }
    }

    private func script(_ command: [String]) -> RedisValue? {
        let script = Self.scripts[command[1]]
        switch script {
        case RedisScripts.group:
            let epoch = state.withLock { state in
                state.epoch += 1
                return state.epoch
            }
            return [.integer(Self.time), .text("\(epoch)"), 1]
        case RedisScripts.sweep: return Self.sweep(epoch: state.withLock { $0.epoch })
        case RedisScripts.members: return 0
        default: return dialect.knowsRights ? .array(Array(repeating: 1, count: rights(command))) : []
        }
    }

    /// How many commands the script is asked about: each comes with the number of its words in front.
    private func rights(_ command: [String]) -> Int {
        var (count, position) = (0, 3)
        while position < command.count, let words = Int(command[position]) {
            count += 1
            position += words + 1
        }
        return count
    }

    private static let scripts = Dictionary(
        uniqueKeysWithValues: [RedisScripts.group, RedisScripts.sweep, RedisScripts.members].map { ($0.digest, $0) })

    private static let time = 1_700_000_000_000

    /// What a sweep answers; by default that there is nothing to do.
    static func sweep(
        epoch: Int = 1, expired: [RedisValue] = [], due: [RedisValue] = [], missing: [RedisValue] = []
    ) -> RedisValue {
        [.integer(time), .text("\(epoch)"), -1, 0, "-", .array(expired), .array(due), .array(missing), 0, 0]
    }

    /// What a read answers that brings these bodies.
    static func messages(_ bodies: String...) -> Answer {
        let entries = bodies.enumerated().map { number, body -> RedisValue in
            [.text("5-\(number)"), ["data", .text(body)]]
        }
        return .bytes(RedisValue.array([["orders", .array(entries)]]).bytes)
    }
}

extension DialectScript.State {
    fileprivate mutating func takeAnswer(to key: String) -> DialectScript.Answer? {
        guard let first = answers[key]?.first else { return nil }
        answers[key]?.removeFirst()
        return first
    }
}
