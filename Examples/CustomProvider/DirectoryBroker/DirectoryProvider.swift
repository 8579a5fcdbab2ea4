// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import Foundation
import Synchronization

/// Makes providers over a directory of files: `provider: directory`.
public struct DirectoryProviderFactory: BrokerProviderFactory {
    /// `directory`.
    public let name = "directory"
    /// What files can keep. Storing a dead letter and ending its message are two steps, and so not promised.
    public let capabilities: BrokerCapabilities = [
        .sharedGroups, .redelivery, .crossProcess, .durable, .durableRetry, .replay, .ordered,
    ]

    /// Makes a factory.
    public init() {}

    /// Reads `path` (required) and `sync` (by default `always`); touches no file yet.
    public func makeProvider(_ context: ProviderContext, options: inout ConfigurationReader) -> (any BrokerProvider)? {
        options.require("path")
        let path = options.string("path", default: ".")
        let sync = options.choice("sync", default: DirectoryProvider.Sync.always)
        return options.problems.isEmpty ? DirectoryProvider(path, sync, context.clock, capabilities) : nil
    }
}

/// Streams in a directory, for all processes of one machine. Each change of a file is one link, rename or unlink, so
/// that a process may be killed between any two lines.
///
///     lock, last                               the lock, which its holder's death releases; the id given last
///     orders.stream/log/ID                     a message, kept for groups to come
///     orders.stream/billing.group/ID.RECORD    the same file, linked until the group has settled the message
final class DirectoryProvider: BrokerProvider {
    /// Whether publishing waits until the disk has the message.
    enum Sync: String, CaseIterable { case always, never }
    /// When to look again: a directory tells no other process that something has come.
    static let pause = Duration.milliseconds(20)
    private let path: String, sync: Sync, isClosed = Atomic(false)
    let clock: any BrokerClock, capabilities: BrokerCapabilities
    var files: FileManager { .default }

    init(_ path: String, _ sync: Sync, _ clock: any BrokerClock, _ capabilities: BrokerCapabilities) {
        (self.path, self.sync, self.clock, self.capabilities) = (path, sync, clock, capabilities)
    }

    func publish(_ batch: PublishBatch) async -> [Result<PublishReceipt, BrokerError>] {
        batch.entries.map { entry in Result { () throws(BrokerError) in try locked { try store(entry) } } }
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        guard case .stream(let stream) = request.selection else { throw BrokerError(.unsupported, "no patterns") }
        return DirectorySubscription(self, request, stream, try locked { try makeGroup(request, of: stream) })
    }

    func run() async {
        while !isClosed.load(ordering: .relaxed), !Task.isCancelled { await clock.sleep(until: clock.now + Self.pause) }
    }

    func close() async { isClosed.store(true, ordering: .relaxed) }

    /// Works on the files while no other process does.
    func locked<Value>(_ work: () throws -> Value) throws(BrokerError) -> Value {
        if isClosed.load(ordering: .relaxed) { throw BrokerError(.closed, "the broker is closed") }
        do {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
            let lock = open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            defer { _ = Foundation.close(lock) }
            guard lock >= 0, flock(lock, LOCK_EX) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            return try work()
        } catch {
            throw BrokerError(.server, "a file failed", underlying: error, isRetryable: true, effect: .unknown)
        }
    }

    func store(_ entry: PublishBatch.Entry) throws -> PublishReceipt {
        let last = MessageID((try? String(contentsOfFile: "\(path)/last", encoding: .utf8)) ?? "")
        let now = MessageID(milliseconds: UInt64(clock.timestamp.milliseconds), sequence: 0)
        let (id, root) = (max(now, last?.next ?? now), "\(path)/\(entry.stream).stream")
        let file = "\(root)/log/\(id)"
        try Data(id.description.utf8).write(to: URL(filePath: "\(path)/last"), options: .atomic)
        try files.createDirectory(atPath: "\(root)/log", withIntermediateDirectories: true)
        let content = try JSONEncoder().encode(entry.message.fields.map { [$0.name: Data($0.value.bytes)] })
        try content.write(to: URL(filePath: file), options: .atomic)
        let groups = try files.contentsOfDirectory(atPath: root).filter { $0.hasSuffix(".group") }
        for group in groups { try files.linkItem(atPath: file, toPath: "\(root)/\(group)/\(id).\(PendingRecord())") }
        for name in ["log/\(id)", "log"] + groups where sync == .always {
            try FileHandle(forReadingFrom: URL(filePath: "\(root)/\(name)")).synchronize()
        }
        return PublishReceipt(id: id)
    }

    /// Returns the folder of the group. No name leads elsewhere: `:`, which none has, stands for `/`.
    private func makeGroup(_ request: SubscriptionRequest, of stream: StreamName) throws -> String {
        let root = "\(path)/\(stream).stream"
        let (log, draft) = ("\(root)/log", "\(root)/draft")
        let group = "\(root)/\(request.group.text.replacing("/", with: ":")).group"
        if files.fileExists(atPath: group) { return group }
        try? files.removeItem(atPath: draft)
        for folder in [log, draft] { try files.createDirectory(atPath: folder, withIntermediateDirectories: true) }
        let past = try files.contentsOfDirectory(atPath: log).compactMap(MessageID.init)
        for id in past where id >= request.start.firstID {
            try files.linkItem(atPath: "\(log)/\(id)", toPath: "\(draft)/\(id).\(PendingRecord())")
        }
        try files.moveItem(atPath: draft, toPath: group)
        return group
    }
}
