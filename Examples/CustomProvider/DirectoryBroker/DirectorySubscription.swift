// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Foundation
import Synchronization

/// The subscription of one consumer. There is one epoch, 1, since an id never names another message.
final class DirectorySubscription: BrokerSubscription {
    private let (provider, request, stream, group): (DirectoryProvider, SubscriptionRequest, StreamName, String)
    private let isLeft = Atomic(false), turn = Atomic(0)

    init(_ provider: DirectoryProvider, _ request: SubscriptionRequest, _ stream: StreamName, _ group: String) {
        (self.provider, self.request, self.stream, self.group) = (provider, request, stream, group)
    }

    func receive(_ wanted: ReceiveRequest) async throws(BrokerError) -> Received {
        let end = provider.clock.now + wanted.wait
        while !Task.isCancelled, !isLeft.load(ordering: .relaxed) {
            let (now, turn) = (provider.clock.timestamp, turn.wrappingAdd(1, ordering: .relaxed).oldValue)
            let messages = try provider.locked { try wanted.choose(from: pending(), at: now, turn: turn).map(lease) }
            if !messages.isEmpty || provider.clock.now >= end { return Received(messages: messages) }
            await provider.clock.sleep(until: min(end, provider.clock.now + DirectoryProvider.pause))
        }
        return Received()
    }

    private func pending() throws -> [MessageID: PendingRecord] {
        try provider.files.contentsOfDirectory(atPath: group).reduce(into: [:]) { pending, name in
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            if let id = MessageID(parts[0]) { pending[id] = PendingRecord(parts[parts.count - 1]) }
        }
    }

    private func lease(_ id: MessageID, _ old: PendingRecord) throws -> InboundMessage {
        let message = try message(in: "\(group)/\(id).\(old)")
        let record = old.leased(until: provider.clock.timestamp + request.visibility)
        try provider.files.moveItem(atPath: "\(group)/\(id).\(old)", toPath: "\(group)/\(id).\(record)")
        return InboundMessage(
            receipt: Receipt(stream: stream, id: id, epoch: 1, token: record.token), message: message,
            attempt: record.attempt, releases: record.releases, origin: old.origin)
    }

    func settle(_ settlements: [Settlement]) async throws(BrokerError) -> [SettlementOutcome] {
        try carryOut(settlements.map { ($0.receipt, $0.action) })
    }

    func extend(_ receipts: [Receipt]) async throws(BrokerError) -> [SettlementOutcome] {
        try carryOut(receipts.map { ($0, nil) })
    }

    func close() async { isLeft.store(true, ordering: .relaxed) }

    private typealias Order = (receipt: Receipt, action: Settlement.Action?)  // without an action: to extend
    private func carryOut(_ orders: [Order]) throws(BrokerError) -> [SettlementOutcome] {
        try provider.locked {
            var records = try pending()
            return try orders.map { try carryOut($0, &records[$0.receipt.id]) }
        }
    }

    private func carryOut(_ order: Order, _ record: inout PendingRecord?) throws -> SettlementOutcome {
        guard let old = record, order.receipt.epoch == 1 else { return .settled }
        let (file, now) = ("\(group)/\(order.receipt.id).\(old)", provider.clock.timestamp)
        switch old.step(for: order.action, token: order.receipt.token, at: now, visibility: request.visibility) {
        case .void(let outcome): return outcome
        case .becomes(let next):
            try provider.files.moveItem(atPath: file, toPath: "\(group)/\(order.receipt.id).\(next)")
            record = next
        case .ends:
            // What goes elsewhere is stored first: a crash in between doubles it and loses nothing.
            let outputs = try request.outputs(of: order.receipt, order.action, at: now) { try message(in: file) }
            for output in outputs { _ = try provider.store(output) }
            try provider.files.removeItem(atPath: file)
            record = nil
        }
        guard let next = record, next.token > old.token else { return .done }
        return .renewed(Receipt(stream: stream, id: order.receipt.id, epoch: 1, token: next.token))
    }

    /// What somebody else has put there is a message as it is.
    private func message(in file: String) throws -> Message {
        let bytes = try Data(contentsOf: URL(filePath: file))
        let fields = (try? JSONDecoder().decode([[String: Data]].self, from: bytes)) ?? [["data": bytes]]
        return Message(fields: fields.joined().map { Headers.Header(name: $0.key, value: Payload([UInt8]($0.value))) })
    }
}
