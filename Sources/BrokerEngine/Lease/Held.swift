// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
import Synchronization

/// A message in hand: what was leased and where its lease is kept.
///
/// It passes through a dozen hands, so it is two words: copying the whole message each time took a seventh of the time.
package struct Held: Sendable {
    /// An object of at most 120 bytes: one thread makes it and another one ends it, and the allocator takes a lock for
    /// what is larger.
    private final class Storage: Sendable {
        let stream: StreamName
        let id: MessageID
        let sharesMuch: Bool
        let isForOneGroup: Bool
        /// Changes once at most: for the same message on storage of its own.
        let message: Mutex<Message>

        init(_ stream: StreamName, _ id: MessageID, _ message: Message) {
            self.stream = stream
            self.id = id
            sharesMuch = message.sharesMuch
            isForOneGroup = message.headers.onlyGroup != nil
            self.message = Mutex(message)
        }
    }

    /// Where its lease is kept; of no use before the table has taken it in.
    package var slot = Slot(index: -1, generation: 0)
    private let storage: Storage

    package init(_ stream: StreamName, _ id: MessageID, _ message: Message) {
        storage = Storage(stream, id, message)
    }

    package init(_ inbound: InboundMessage) {
        self.init(inbound.receipt.stream, inbound.receipt.id, inbound.message)
    }

    /// Makes what is in hand of what has come. Copies no message as a whole, only what stays.
    package static func arrivals(_ messages: [InboundMessage]) -> [Held] {
        messages.indices.map { index in
            Held(messages[index].receipt.stream, messages[index].receipt.id, messages[index].message)
        }
    }

    /// The stream that it came from.
    package var stream: StreamName { storage.stream }
    /// The id of its entry.
    package var id: MessageID { storage.id }
    /// What was published.
    package var message: Message { storage.message.withLock { $0 } }
    /// Its ordering key.
    var key: String? { storage.message.withLock { $0.key } }
    /// How many bytes its body has.
    var bodySize: Int { storage.message.withLock { $0.payload.count } }
    /// The only group that handles it; `nil` for every group.
    var onlyGroup: String? { storage.isForOneGroup ? message.headers.onlyGroup : nil }
    /// Whether it shares its memory with many others.
    var sharesMuch: Bool { storage.sharesMuch }

    /// Copies a message that shares its memory with many others, for all who have it in hand: it stays longer than the
    /// rest of its read.
    package func detach() {
        guard sharesMuch else { return }
        let shared = message
        guard shared.sharesMuch else { return }
        let own = shared.detached()
        storage.message.withLock { $0 = own }
    }
}

/// The place of one held message in a consumer's lease table.
///
/// A slot is used again and again. Its generation tells one use from the next, so that a delivery that outlives its
/// message settles no other one.
package struct Slot: Sendable, Hashable, Comparable {
    /// Where in the table.
    package var index: Int32
    /// Which use of that place.
    package var generation: UInt32

    package init(index: Int32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// By place, then by use.
    package static func < (left: Slot, right: Slot) -> Bool {
        (left.index, left.generation) < (right.index, right.generation)
    }
}

/// One life of a lane's runner; a lane whose handler is cancelled goes on with the next one.
package struct RunnerID: Sendable, Hashable {
    /// The number of the lane within its consumer, from 0.
    package var lane: Int32
    /// Which of the lane's runners, from 1.
    package var incarnation: UInt32

    /// Nobody runs the message.
    package static let nobody = RunnerID(lane: -1, incarnation: 0)

    package init(lane: Int32, incarnation: UInt32) {
        self.lane = lane
        self.incarnation = incarnation
    }
}
