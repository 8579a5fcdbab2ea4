// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import ExampleSupport
import StreamBroker

/// Reads lines and publishes each under a stream of its kind, with its repository as the key. The body is the line as
/// it stands, byte for byte.
struct Publisher {
    /// A line may be as long as `max-payload` allows a body to be, unless the file says otherwise.
    private static let lineLimit = 1024 * 1024
    /// How many bytes are gathered before they are published, with one call for each stream.
    private static let batchBytes = 1024 * 1024

    /// The webhooks of one stream that wait for each other, with the numbers of their lines.
    private struct Batch {
        var numbers: [Int] = []
        var messages: [Message] = []
    }

    let registry: BrokerRegistry
    let ledger: Ledger
    /// What the input is called in complaints.
    let input: String

    /// Publishes everything there is. A line that cannot be published is reported and counted, the others are.
    ///
    /// Throws when the input or the broker fails, and when it is cancelled.
    func publish(_ source: any ByteSource) async throws {
        ledger.begin()
        var splitter = LineSplitter(limit: Self.lineLimit)
        var batches: [StreamName: Batch] = [:]
        var gathered = 0
        while let piece = try await source.next() {
            for line in splitter.feed(piece) { add(line, to: &batches) }
            gathered += piece.count
            guard gathered >= Self.batchBytes else { continue }
            try await publish(batches)
            (batches, gathered) = ([:], 0)
        }
        if let line = splitter.finish() { add(line, to: &batches) }
        try await publish(batches)
        ledger.end()
    }

    private func add(_ line: LineSplitter.Line, to batches: inout [StreamName: Batch]) {
        do throws(LineProblem) {
            guard let bytes = line.bytes else { throw .tooLong(limit: Self.lineLimit) }
            let body = Payload(bytes)
            let webhook = try webhook(in: body)
            let stream = Webhook.stream(of: webhook.event)
            batches[stream, default: Batch()].numbers.append(line.number)
            batches[stream, default: Batch()].messages.append(Message(body, key: webhook.key))
        } catch {
            complain(error, line.number)
        }
    }

    private func webhook(in body: Payload) throws(LineProblem) -> Webhook {
        let webhook: Webhook
        do {
            webhook = try registry.codec.decode(Webhook.self, from: body)
        } catch DecodingError.dataCorrupted {
            throw .notJSON
        } catch {
            throw .notAWebhook
        }
        let allowed: (UInt8) -> Bool = { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
        guard (1...64).contains(webhook.event.utf8.count), webhook.event.utf8.allSatisfy(allowed) else {
            throw .unusableEvent
        }
        return webhook
    }

    private func publish(_ batches: [StreamName: Batch]) async throws {
        for (stream, batch) in batches {
            try Task.checkCancellation()
            let results = await registry.publish(batch: batch.messages, to: stream)
            var ids: [MessageID] = []
            for (result, number) in zip(results, batch.numbers) {
                do throws(BrokerError) {
                    ids.append(try result.get().id)
                } catch {
                    guard error.code == .payloadTooLarge || error.code == .invalidMessage else { throw error }
                    complain(.refused(error.message), number)
                }
            }
            ledger.published(ids, to: stream)
        }
    }

    private func complain(_ problem: LineProblem, _ number: Int) {
        Terminal.printError("\(input):\(number): error: \(problem)")
        ledger.countBadLine()
    }
}
