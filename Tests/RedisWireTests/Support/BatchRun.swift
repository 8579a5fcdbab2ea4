// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RedisWire
import Testing

/// A batch on a cluster whose nodes answer what the test says. The slots of the keys: b 3300 and f 3168 on 7001, c 7365
/// and g 7233 on 7002, a 15495 and d 11298 on 7003.
struct BatchRun {
    static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    let directory: MapOfTest
    private(set) var batch: ClusterBatch
    private(set) var now = Self.start
    /// Writes that have no answer yet.
    private(set) var open: [ClusterWrite] = []
    /// What was sent, and when.
    private(set) var sent: [String] = []
    private(set) var result: Result<RedisReplies, RedisError>?
    private(set) var doubts = 0
    private(set) var displaced: [Int] = []
    private let chance: Double

    init(
        _ commands: RedisCommands, _ directory: MapOfTest, within limit: TimeAmount = .seconds(5),
        isBlocking: Bool = false, chance: Double = 1
    ) {
        self.directory = directory
        self.chance = chance
        batch = ClusterBatch(commands, until: Self.start + limit, isBlocking: isBlocking, directory)
        take(batch.begin(directory))
    }

    /// Answers the first open write to a node: one text for each reply, such as `+OK` or `-MOVED 3300 10.0.0.1:7002`.
    mutating func answer(_ port: Int, _ texts: String...) throws {
        let removed = remove(port)
        let write = try #require(removed)
        let read = try replies(texts.map { $0 + "\r\n" }.joined(), count: write.replyCount)
        take(batch.take(write.number, .success(read), from: node(write), directory, at: now, chance: chance))
    }

    /// Fails the first open write to a node.
    mutating func fail(_ port: Int, _ error: RedisError) throws {
        let removed = remove(port)
        let write = try #require(removed)
        take(batch.take(write.number, .failure(error), from: node(write), directory, at: now, chance: chance))
    }

    /// Lets time pass until the batch does something of itself.
    mutating func wait() throws {
        now = try #require(batch.nextWake)
        take(batch.wake(directory, at: now))
    }

    /// Closes the connections.
    mutating func close() {
        take(batch.close(RedisError(.closed, "closed"), directory))
    }

    /// The replies as texts.
    var texts: [String] {
        get throws { try #require(result).get().map(text) }
    }

    /// The errors of the replies, with what is known of their effect.
    var errors: [String] {
        get throws {
            try #require(result).get().map { reply in
                reply.error.map { "\(RedisError($0).code) \(RedisError($0).effect)" } ?? "-"
            }
        }
    }

    /// Why there are no replies.
    var failure: String? {
        guard case .failure(let error) = result else { return nil }
        return "\(error.code) \(error.effect)"
    }

    private mutating func remove(_ port: Int) -> ClusterWrite? {
        guard let index = open.firstIndex(where: { ($0.node?.port ?? 0) == port }) else { return nil }
        return open.remove(at: index)
    }

    /// A write to any node goes to 7002.
    private func node(_ write: ClusterWrite) -> RedisNode? {
        write.node ?? directory.primaries.first { $0.port == 7002 }
    }

    private mutating func take(_ step: ClusterBatch.Step) {
        for write in step.writes {
            let isReleased = batch.release(write.number)
            #expect(isReleased)
            open.append(write)
            sent.append(shown(write))
        }
        if step.isDoubtful { doubts += 1 }
        if let node = step.displaced { displaced.append(node.port) }
        if let result = step.result {
            #expect(self.result == nil)
            self.result = result
        }
    }

    private func shown(_ write: ClusterWrite) -> String {
        let time = (now - Self.start).nanoseconds / 1_000_000
        let place = write.node.map { "\($0.port)" } ?? write.avoided.map { "not \($0.port)" } ?? "any"
        let commands = (try? read(Array(write.bytes.readableBytesView))) ?? ["?"]
        let words = commands.map { $0.filter { !"[]\"".contains($0) } }
        return "\(time) \(place): \(words.joined(separator: ", "))"
    }
}

/// A batch of commands of two words, each with the key that is the second one.
func batch(_ words: String..., keepsOrder: Bool = false) -> RedisCommands {
    var commands = RedisCommands()
    commands.keepsOrder = keepsOrder
    for text in words {
        let parts = text.split(separator: " ").map(String.init)
        commands.begin(parts.count + 1, "DO", for: .key(parts[0]))
        for part in parts { commands.add(part) }
    }
    return commands
}

extension RedisCommands {
    /// Adds a command of which every part is given, `name` in front.
    mutating func add(_ name: StaticString, _ parts: [String], for route: RedisRoute) {
        begin(parts.count + 1, name, for: route)
        for part in parts { add(part) }
    }
}
