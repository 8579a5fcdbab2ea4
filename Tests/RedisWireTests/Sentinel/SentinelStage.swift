// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import RedisTestSupport
import RedisWire
import Synchronization

/// A Sentinel that says literally what a test says: which server it names, and what it announces.
final class ScriptedSentinel: Sendable {
    private struct State {
        var port: Int?
        var epoch = 1
        var listeners: [HeldAnswer] = []
        var isListening = 0
    }

    private let state = Mutex(State())

    /// What it names as the primary; `nil` for an unknown name.
    var named: Int? {
        get { state.withLock { $0.port } }
        set { state.withLock { ($0.port, $0.epoch) = (newValue, $0.epoch + 1) } }
    }

    /// How often somebody has begun to listen.
    var listeners: Int { state.withLock { $0.isListening } }

    init(naming port: Int?) { state.withLock { $0.port = port } }

    /// Returns what it answers; what comes behind SUBSCRIBE waits for an announcement.
    func answer(_ command: [String]) -> ScriptedServer.Answer? {
        let (port, epoch) = state.withLock { ($0.port, $0.epoch) }
        switch command.prefix(2).joined(separator: " ") {
        case "SENTINEL GET-MASTER-ADDR-BY-NAME":
            return .bytes(port.map { Self.texts(["127.0.0.1", "\($0)"]) } ?? "*-1\r\n")
        case "SENTINEL MASTER":
            guard let port else { return .bytes("-ERR No such master with that name\r\n") }
            return .bytes(
                Self.texts(["ip", "127.0.0.1", "port", "\(port)", "flags", "master", "config-epoch", "\(epoch)"]))
        case "SENTINEL MYID", "SENTINEL SENTINELS": return .bytes("-ERR not in this test\r\n")
        case "SUBSCRIBE +switch-master":
            let held = HeldAnswer()
            state.withLock { state in
                state.listeners.append(held)
                state.isListening += 1
            }
            return .held(held)
        default: return nil
        }
    }

    /// Announces that the primary is at another port.
    func announce(_ port: Int, name: String = "mymaster") {
        named = port
        let listeners = state.withLock { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        let confirmed = Self.texts(["subscribe", "+switch-master", "1"]) + Self.texts(["subscribe", "+sentinel", "2"])
        let news = Self.texts(["message", "+switch-master", "\(name) 127.0.0.1 1 127.0.0.1 \(port)"])
        for listener in listeners { listener.give(.bytes(confirmed + news)) }
    }

    private static func texts(_ texts: [String]) -> String {
        "*\(texts.count)\r\n" + texts.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }
}

/// Keeps what was logged.
final class WireLog: LogHandler {
    private let kept = Mutex<[String]>([])

    /// The lines, from `info` on, without the numbers of ports.
    func lines(replacing names: [(port: Int, name: String)]) -> [String] {
        kept.withLock { $0 }.map { line in names.reduce(line) { $0.replacing("127.0.0.1:\($1.port)", with: $1.name) } }
    }

    var logger: Logger { Logger(label: "wire") { _ in self } }

    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }

    var logLevel: Logger.Level {
        get { .info }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) { kept.withLock { $0.append("\(event.level) \(event.message)") } }
}
