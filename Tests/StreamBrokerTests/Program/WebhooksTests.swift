// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension ProgramTests {
    /// The example that reads JSON lines.
    @Suite struct WebhooksTests {
        @Test func countsEveryKindAndEndsWithATableAndALineOfJSON() async throws {
            let lines = (0..<120).map {
                webhook(["push", "issues", "star"][$0 % 3], repository: "r\($0 % 7)", size: $0)
            }
            let file = try ConfigurationFixture(Array(lines.joined(separator: "\n").utf8))
            let child = try ChildProcess(example: "Webhooks", [file.path])
            #expect(try await child.exit().code == 0)
            #expect(child.lines.count == 1)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.published == 120)
            #expect(summary.handled == 120)
            #expect(summary.kinds == 3)
            #expect(summary.keys == 7)
            #expect(summary.bytes == lines.reduce(0) { $0 + $1.utf8.count })
            #expect(summary.isClean)
            #expect(summary.provider == "memory")
            let bytes = lines.enumerated().reduce(0) { $0 + ($1.offset % 3 == 1 ? $1.element.utf8.count : 0) }
            #expect(row("issues", of: child) == ["issues", "40", "40", "\(bytes)", "7", "opened", "40"])
            #expect(row("all", of: child)?.prefix(3) == ["all", "120", "120"])
        }

        @Test func theKeyIsTheRepositoryElseTheOrganizationElseTheSender() async throws {
            let bodies = [
                #"{"repository":{"full_name":"a/b"},"organization":{"login":"o"},"sender":{"login":"s"}}"#,
                #"{"repository":7,"organization":{"login":"o"},"sender":{"login":"s"}}"#,
                #"{"sender":{"login":"s"}}"#, "{}",
            ]
            let text = bodies.map { #"{"event":"member","payload":\#($0)}"# }.joined(separator: "\n")
            let file = try ConfigurationFixture(Array(text.utf8))
            let child = try ChildProcess(example: "Webhooks", [file.path])
            #expect(try await child.exit().code == 0)
            for key in ["a/b", "o", "s", "(none)"] { #expect(row(key, of: child)?[1] == "1") }
        }

        @Test func linesThatCannotBePublishedAreReportedAndTheOthersHandled() async throws {
            let good = webhook("push", repository: "r", size: 0)
            let bad: [[UInt8]] = [
                Array("nonsense".utf8), Array(#"{"event":"push"}"#.utf8),
                Array(#"{"event":"Pu sh","payload":{}}"#.utf8),
                [0xFF, 0xFE], Array(webhook("push", repository: "r", size: 1 << 20).utf8),
                Array(#"{"event":"","payload":{}}"#.utf8),
            ]
            // Between them good lines, a blank one, and line's ends of both kinds; none at the very end.
            let bytes = bad.flatMap { Array("\(good)\r\n\r\n \n".utf8) + $0 + [0x0A] } + Array(good.utf8)
            let file = try ConfigurationFixture(bytes)
            let child = try ChildProcess(example: "Webhooks", [file.path])
            #expect(try await child.exit().code == 65)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.published == 7)
            #expect(summary.handled == 7)
            #expect(summary.bytes == 7 * good.utf8.count)
            #expect(summary.badLines == 6)
            #expect(summary.lost == 0)
            let event = "'event' has to have 1 to 64 of a-z, 0-9 and _"
            #expect(
                child.complaints.filter { $0.contains(": error: ") } == [
                    "\(file.path):4: error: the line is not JSON",
                    "\(file.path):8: error: the line is no object with 'event', a text, and 'payload', an object",
                    "\(file.path):12: error: \(event)", "\(file.path):16: error: the line is not JSON",
                    "\(file.path):20: error: the line is longer than 1048576 bytes",
                    "\(file.path):24: error: \(event)",
                ])
        }

        /// Lines are cut wherever a read ends; nothing of them may be lost there.
        @Test func linesOfAnySizeAreCountedToTheByte() async throws {
            let lines = (1...40).map { webhook("push", repository: "r", size: $0 * 8191) }
            let file = try ConfigurationFixture(Array((lines.joined(separator: "\n") + "\n").utf8))
            let child = try ChildProcess(example: "Webhooks", ["-"], shell: #"cat '\#(file.path)' | "$0" "$@""#)
            #expect(try await child.exit().code == 0)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.bytes == lines.reduce(0) { $0 + $1.utf8.count })
            #expect(summary.handled == 40)
            #expect(summary.isClean)
        }

        @Test(arguments: [(["--sample", "75"], 75), ([], 500)])
        func makesASampleUpWhenItIsGivenNothing(arguments: [String], count: Int) async throws {
            let child = try ChildProcess(example: "Webhooks", arguments, shell: #""$0" "$@" </dev/null"#)
            #expect(try await child.exit().code == 0)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.published == count)
            #expect(summary.handled == count)
            #expect(summary.kinds == 7)
            #expect(summary.keys == 5)
            #expect(summary.isClean)
        }

        @Test func nothingToReadIsNothingToDo() async throws {
            let child = try ChildProcess(example: "Webhooks", [], shell: #": | "$0""#)
            #expect(try await child.exit().code == 0)
            let summary = try WebhooksSummary(of: child)
            #expect(summary.published == 0)
            #expect(summary.isClean)
        }

        /// The pipe stays open and silent: only the signal can end this.
        @Test func aSignalEndsTheWaitForInput() async throws {
            let fifo = NSTemporaryDirectory() + "webhooks-" + UUID().uuidString
            try #require(mkfifo(fifo, 0o600) == 0)
            defer { unlink(fifo) }
            let child = try ChildProcess(example: "Webhooks", [], shell: #"exec "$0" <>'\#(fifo)'"#)
            try await child.complaint { $0 == "reading standard input to its end" }
            child.send(SIGTERM)
            #expect(try await child.exit(within: .seconds(10)).code == 0)
            #expect(child.lines == [])
            #expect(child.complaints.last == "interrupted: 0 of 0 handled, the rest was handed back")
        }

        @Test(arguments: [["--sample"], ["--sample", "0"], ["--sample", "x"], ["a", "b"], ["--help"], [""]])
        func aWrongArgumentShowsTheUsage(arguments: [String]) async throws {
            let child = try ChildProcess(example: "Webhooks", arguments)
            #expect(try await child.exit().code == 64)
            #expect(child.lines == [])
            #expect(child.complaints.count == 1)
            #expect(child.complaints.first?.hasPrefix("usage: Webhooks [FILE | - | --sample NUMBER]") == true)
        }

        @Test(arguments: ["/tmp", "/nowhere/webhooks.jsonl"])
        func whatCannotBeReadIsNoInput(path: String) async throws {
            let child = try ChildProcess(example: "Webhooks", [path])
            #expect(try await child.exit().code == 66)
            #expect(child.lines == [])
            #expect(child.complaints == ["error: cannot read '\(path)'"])
        }

        private func webhook(_ event: String, repository: String, size: Int) -> String {
            let text = String(repeating: "x", count: size)
            return #"{"event":"\#(event)","payload":{"action":"opened","text":"\#(text)","#
                + #""repository":{"full_name":"\#(repository)"}}}"#
        }

        /// The words of the table's line that begins with one.
        private func row(_ name: String, of child: ChildProcess) -> [String]? {
            child.complaints.lazy.map { $0.split(separator: " ").map(String.init) }.first { $0.first == name }
        }
    }
}

/// The last line that `Webhooks` prints.
struct WebhooksSummary: Decodable {
    var published, handled, retried, deadLettered, lost, badLines, orderViolations: Int
    var kinds, keys, bytes, publishedPerSecond, handledPerSecond: Int
    var provider: String

    init(of child: ChildProcess) throws {
        let line = try #require(child.lines.last)
        self = try JSONDecoder().decode(Self.self, from: Data(line.utf8))
    }

    /// Whether nothing went wrong at all.
    var isClean: Bool { retried + deadLettered + lost + badLines + orderViolations == 0 }
}
