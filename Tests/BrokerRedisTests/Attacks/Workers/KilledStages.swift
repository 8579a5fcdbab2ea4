// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Foundation
import RedisTestSupport
import RedisWire
import Testing

extension AttacksOnWorkers {
    /// The contact center of the examples, each stage in a process of its own, and each killed in the middle of its work.
    @Suite struct KilledStages {
        /// The stages, each with the streams that it consumes and its group.
        private static let stages: [(name: String, streams: [String], group: String)] = [
            ("classifier", ["intake.asia", "intake.europe"], "classifier"), ("billing", ["billing"], "desk"),
            ("technical", ["technical"], "desk"), ("retention", ["retention"], "desk"),
            ("escalation", ["escalation"], "supervisor"), ("feedback", ["feedback"], "archive"),
        ]

        @Test func everyConversationIsAnsweredOnceWhicheverStageIsKilled() async throws {
            try await RedisServer.with { server in
                var crew: [String: DoomedProcess] = [:]
                for stage in Self.stages { crew[stage.name] = try Self.start(stage.name, on: server) }
                var asked = 0
                for stage in Self.stages + Self.stages.reversed() {
                    var looks = 0
                    try await eventually("work in hand for \(stage.name)") {
                        // A burst now and then, so that one that was over between two looks is followed by another.
                        if looks % 25 == 0 {
                            try await Self.ask(asked..<asked + 48, on: server)
                            asked += 48
                        }
                        looks += 1
                        return try await Self.pending(stage.streams, stage.group, on: server) > 0
                    }
                    await crew[stage.name]?.kill()
                    crew[stage.name] = try Self.start(stage.name, on: server)
                }
                try await eventually("every answer", within: .seconds(60)) {
                    let answered = Set(try await Self.answers(on: server)).count == asked
                    guard answered else { return false }
                    return try await Self.isSettled(on: server)
                }
                for process in crew.values { await process.kill() }
                let answers = try await Self.answers(on: server)
                let lost = asked - Set(answers).count
                let doubled = answers.count - Set(answers).count
                print("killed stages: asked \(asked), answered \(answers.count), lost \(lost), doubled \(doubled)")
                #expect((lost, doubled) == (0, 0))
                for stage in Self.stages {
                    for stream in stage.streams {
                        #expect(try await server.command("XLEN", "{\(stream)}:dead").integer == 0)
                    }
                }
            }
        }

        private static func start(_ stage: String, on server: RedisServer) throws -> DoomedProcess {
            try DoomedProcess(
                "ContactCenter", ["--stage", stage],
                environment: [
                    "STREAMBROKER_ENV": "production", "REDIS_URL": server.url, "SWIFT_BACKTRACE": "enable=no",
                ])
        }

        /// Puts inquiries into the streams of two regions, as any program could.
        private static func ask(_ numbers: Range<Int>, on server: RedisServer) async throws {
            let texts = ["a wrong invoice", "a stuck lid", "I want to cancel"]
            let inquiries = numbers.map { number in
                #"{"number": \#(number), "customer": "c\#(number % 5)", "text": "\#(texts[number % 3])"}"#
            }
            try await server.publish(Array(inquiries.prefix(24)), to: "intake.asia")
            try await server.publish(Array(inquiries.dropFirst(24)), to: "intake.europe")
        }

        private static func pending(_ streams: [String], _ group: String, on server: RedisServer) async throws -> Int {
            var count = 0
            for stream in streams { count += try await server.pendingCount(stream, group) }
            return count
        }

        private static func isSettled(on server: RedisServer) async throws -> Bool {
            for stage in stages where try await pending(stage.streams, stage.group, on: server) > 0 { return false }
            return true
        }

        /// The numbers of the conversations that were answered, one for each answer.
        private static func answers(on server: RedisServer) async throws -> [Int] {
            try await server.command("XRANGE", "feedback", "-", "+").elements.compactMap { entry in
                let body = entry.elements[1]?.elements[1]?.string ?? ""
                return try? JSONDecoder().decode(Answer.self, from: Data(body.utf8)).number
            }
        }

        private struct Answer: Decodable {
            let number: Int
        }
    }
}
