// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore

/// Station "append": messages become entries.
extension MemoryLog {
    /// Stores messages in the given order. Returns one result for each.
    package mutating func publish(_ entries: [PublishBatch.Entry], at time: MemoryTime) -> [Result<
        PublishReceipt, BrokerError
    >] {
        var results: [Result<PublishReceipt, BrokerError>] = []
        results.reserveCapacity(entries.count)
        var run: (stream: StreamName, place: Int)?
        for entry in entries {
            if let current = run, current.stream != entry.stream {
                streams[current.place].finishAppending(&wakes)
                run = nil
            }
            if run == nil, entry.stream.isReserved, place(of: entry.stream) == nil {
                results.append(.failure(.deletedStream(entry.stream)))
                continue
            }
            let place = run?.place ?? makeStream(entry.stream)
            run = (entry.stream, place)
            results.append(streams[place].append(entry.message, once: entry.deduplication, at: time.timestamp))
        }
        if let run { streams[run.place].finishAppending(&wakes) }
        return results
    }

    /// Stores messages at the end of a stream, each in place of an entry of another one. Returns the id of each, `nil`
    /// for an entry that is gone.
    package mutating func move(
        _ entries: [StoredMessage], from source: StreamName, to destination: StreamName, at time: MemoryTime
    ) -> [Result<MessageID?, BrokerError>] {
        entries.map { entry in
            guard let place = place(of: source), streams[place].entries.ordinal(of: entry.id) != nil else {
                return .success(nil)
            }
            let results = publish([PublishBatch.Entry(stream: destination, message: entry.message)], at: time)
            return results[0].map { receipt in
                _ = streams[place].entries.delete(entry.id)
                return receipt.id
            }
        }
    }

    /// Stores all messages, each in its stream, or none, and wakes the calls that wait for them.
    mutating func store(_ entries: [PublishBatch.Entry], at time: MemoryTime) -> BrokerError? {
        let counts = entries.reduce(into: [StreamName: Int]()) { $0[$1.stream, default: 0] += 1 }
        for entry in entries {
            let place = makeStream(entry.stream)
            guard streams[place].entries.hasRoom(for: counts[entry.stream] ?? 0) else {
                return BrokerError(.server, "stream '\(entry.stream)' has used up its ids")
            }
        }
        for entry in entries {
            let place = makeStream(entry.stream)
            let receipt = streams[place].append(entry.message, once: entry.deduplication, at: time.timestamp)
            buffer?.note(try? receipt.get().id, entry.message, at: place)
            streams[place].finishAppending(&wakes)
        }
        return nil
    }
}

extension BrokerError {
    fileprivate static func deletedStream(_ stream: StreamName) -> BrokerError {
        BrokerError(.undeclaredStream, "there is no stream '\(stream)' any more")
    }
}
