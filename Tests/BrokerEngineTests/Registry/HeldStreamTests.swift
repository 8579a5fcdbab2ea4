// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine
import BrokerTestKit
import Logging
import Testing

/// A stream that grows over its bound because a group does not settle: who holds it and what to do, soon.
@Suite(.timeLimit(.minutes(1))) struct HeldStreamTests {
    @Test func whoHoldsAStreamIsToldSoonAndWithWhatToDo() async throws {
        var audit = StreamConfiguration("audit", groups: [GroupConfiguration("search")])
        audit.retention = RetentionPolicy(maximumLength: 2)
        let lines = Journal<String>()
        let bench = try EngineBench(
            streams: [audit], logger: Logger(label: "lines") { _ in JournalLog(lines: lines) })
        bench.handle { _ in }
        try await bench.run {
            for number in 0..<5 {
                _ = try await bench.registry.publish(Message(Payload("\(number)")), to: "audit")
            }
            #expect(
                lines.all.filter { $0.contains("audit") } == [
                    "warning: Stream 'audit' has no handler here for the group 'search'; no other process can handle its "
                        + "messages: register one, or take the group out. Meanwhile 'policy: hold' lets the stream grow "
                        + "beyond its bound"
                ])
            await bench.pass(.seconds(61))
            #expect(
                lines.all.filter { $0.contains("audit") }.last
                    == "warning: Stream 'audit' is 3 messages over its bound, since the group 'search' has not settled "
                    + "them; run a handler for it, take the group out of the file and delete it, or set 'policy: cap'")
        }
    }
}

/// Keeps what is logged: `LEVEL: MESSAGE`.
private struct JournalLog: LogHandler {
    let lines: Journal<String>
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(lines: Journal<String>) {
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        lines.append("\(event.level): \(event.message)")
    }
}
