// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker
import Synchronization

/// Webhooks made up, as lines: the same ones every time, of seven kinds and five repositories.
final class Sample: ByteSource {
    private let count: Int
    private let made = Mutex(0)

    init(count: Int) {
        self.count = count
    }

    /// The next 64 lines.
    func next() async throws -> [UInt8]? {
        let numbers = made.withLock { made in
            let first = made
            made = min(count, made + 64)
            return first..<made
        }
        guard !numbers.isEmpty else { return nil }
        let codec = JSONMessageCodec()
        return try numbers.flatMap { try codec.encode(Line(number: $0)).bytes + [UInt8(ascii: "\n")] }
    }
}

extension Sample {
    /// A line of the sample, with the members that such webhooks have.
    struct Line: Encodable {
        let event: String
        let payload: Body

        struct Body: Encodable {
            var action: String?
            var ref: String?
            var commits: [Commit]?
            var title: String?
            let repository: Repository
            let sender: Account
        }

        struct Commit: Encodable {
            let id: String
            let message: String
            let added: [String]
            let modified: [String]
        }

        struct Repository: Encodable {
            // The name as such webhooks spell it.
            enum CodingKeys: String, CodingKey {
                case id, name
                case fullName = "full_name"
            }
            let id: Int
            let name: String
            let fullName: String
        }

        struct Account: Encodable {
            let login: String
        }
    }
}

extension Sample.Line {
    /// Kinds with their actions; a push, of which there are most, has none.
    private static let kinds: [(event: String, actions: [String])] = [
        ("push", []), ("pull_request", ["opened", "synchronize", "closed"]), ("push", []),
        ("issues", ["opened", "labeled", "closed"]), ("workflow_run", ["requested", "completed"]), ("push", []),
        ("issue_comment", ["created", "edited"]), ("star", ["created", "deleted"]), ("release", ["published"]),
    ]
    private static let repositories = ["teapot", "kettle", "whisk", "ladle", "sieve"]
    private static let people = ["ada", "grace", "edsger", "barbara", "tony", "donald", "frances"]

    init(number: Int) {
        let kind = Self.kinds[number % Self.kinds.count]
        // Multiplied by a prime, so that kinds, repositories and people do not go round in step.
        let mixed = number &* 7919
        let repository = (mixed >> 3) % Self.repositories.count
        let name = Self.repositories[repository]
        let author = Self.people[(mixed >> 5) % Self.people.count]
        let isPush = kind.actions.isEmpty
        event = kind.event
        payload = Body(
            action: isPush ? nil : kind.actions[(mixed >> 2) % kind.actions.count],
            ref: isPush ? "refs/heads/main" : nil,
            commits: isPush ? (0...(mixed >> 4) % 8).map { Commit(number: number, part: $0) } : nil,
            title: isPush ? nil : "The \(name) of \(author) boils over, case \(number)",
            repository: Repository(id: 1000 + repository, name: name, fullName: "kitchen/\(name)"),
            sender: Account(login: author))
    }
}

extension Sample.Line.Commit {
    init(number: Int, part: Int) {
        let digits = String(UInt64(number + 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(part), radix: 16)
        id = String(repeating: "0", count: 40 - digits.count) + digits
        message = "Stir the pot, step \(part + 1)\n\nSo that nothing sticks to the bottom."
        added = part == 0 ? ["Sources/Pot\(number).swift"] : []
        modified = ["Sources/Stove.swift", "README.md"]
    }
}
