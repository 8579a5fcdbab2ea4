// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import BrokerEngine

/// Dead letters that return.
enum ReturnChecks {
    static let all: [ConformanceCheck] = [
        ConformanceCheck(
            "a dead letter that comes back is handled as it was published", needs: .redelivery, returned),
        ConformanceCheck(
            "a message that is put back for one group is handled by no other", needs: .redelivery, addressed),
    ]

    /// The message is rejected for one reason, then for another, then handled.
    @Sendable static func returned(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let original = Message(Payload([0, 255, 10]), key: "customer-1", headers: ["trace": "1", "empty": ""])
        let (log, rig) = (HandlerLog(bench), try EngineRig(bench, stream: stream, options: ConsumerOptions()))
        rig.registry.handle(stream.text, group: "billing") { delivery in
            try await log.note(delivery) {
                let message = delivery.message
                let isWhole = message.payload == original.payload && message.key == original.key
                guard isWhole, message.headers.isOwn(as: original.headers) else { throw Reject("not as published") }
                if log.runs.count < 3 { throw Reject("refusal \(log.runs.count)") }
            }
        }
        let reader = try await bench.join(stream.deadLetters, group: "watching")
        try await rig.run {
            try await rig.registry.publish(original, to: stream)
            for number in 1...2 {
                let letter = try await bench.collect(1, from: reader)[0]
                let errors = letter.message.headers.filter { $0.name == ReservedHeaders.error }.map(\.value.string)
                try expect(errors, is: ["refusal \(number)"], "why it is a dead letter")
                var copy = letter.message
                copy.headers[ReservedHeaders.originStream] = stream.deadLetters.text
                copy.headers[ReservedHeaders.originID] = letter.receipt.id.description
                try await bench.publish([copy], to: stream)
            }
            try await rig.wait(atMost: bench.takeover, for: "its last handler") { log.ended.count == 3 }
        }
        try expect(log.runs.map(\.attempt), is: [1, 1, 1], "each copy is a message of its own")
    }

    /// What comes behind the message is handled by both groups, so the other group has had the message then.
    @Sendable static func addressed(_ bench: ConformanceBench) async throws {
        let stream = bench.stream()
        let logs: [GroupName: HandlerLog] = ["billing": HandlerLog(bench), "audit": HandlerLog(bench)]
        let rig = try EngineRig(
            bench, stream: stream, groups: Array(logs.keys), options: ConsumerOptions(ordering: .stream))
        for (group, log) in logs {
            rig.registry.handle(stream.text, group: group) { delivery in try await log.note(delivery) {} }
        }
        try await rig.run {
            let headers: Headers = [ReservedHeaders.replays: "1", ReservedHeaders.onlyGroup: "billing"]
            try await bench.publish([Message("back", headers: headers), Message("new")], to: stream)
            try await rig.wait(atMost: bench.takeover, for: "what comes behind it") {
                logs.values.allSatisfy { log in log.ended.contains { $0.payload == "new" } }
            }
        }
        try expect(logs["billing"]?.ended.map(\.payload), is: ["back", "new"], "what its group has handled")
        try expect(logs["audit"]?.runs.map(\.payload), is: ["new"], "what the other group has handled")
    }
}

extension Headers {
    /// Returns whether these are a publisher's headers and those that the framework added.
    fileprivate func isOwn(as published: Headers) -> Bool {
        filter { !$0.name.hasPrefix(ReservedHeaders.prefix) } == Array(published)
    }
}
