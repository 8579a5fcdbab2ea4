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
    private let (path, sync): (String, Sync)
    let clock: any BrokerClock, capabilities: BrokerCapabilities
    private let isClosed = Atomic(false)

    init(_ path: String, _ sync: Sync, _ clock: any BrokerClock, _ capabilities: BrokerCapabilities) {
        (self.path, self.sync, self.clock, self.capabilities) = (path, sync, clock, capabilities)
    }

    func publish(_ batch: PublishBatch) async -> [Result<MessageID, BrokerError>] {
        batch.entries.map { entry in
            Result { () throws(BrokerError) in try locked { try store(entry.message, in: entry.stream) } }
        }
    }

    func subscribe(_ request: SubscriptionRequest) async throws(BrokerError) -> any BrokerSubscription {
        guard case .stream(let stream) = request.selection else { throw BrokerError(.unsupported, "no patterns") }
        return DirectorySeat(self, request, stream, try locked { try makeGroup(request, of: stream) })
    }

    func run() async {
        while !isClosed.load(ordering: .relaxed), !Task.isCancelled { await clock.sleep(until: clock.now + Self.pause) }
    }
    func close() async { isClosed.store(true, ordering: .relaxed) }

    /// Works on the files while no other process does.
    func locked<Answer>(_ work: () throws -> Answer) throws(BrokerError) -> Answer {
        if isClosed.load(ordering: .relaxed) { throw BrokerError(.closed, "the broker is closed") }
        do {
            try makeFolder(path)
            let lock = try check(open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644))
            defer { _ = Foundation.close(lock) }
            try check(flock(lock, LOCK_EX))
            return try work()
        } catch {
            throw BrokerError(.server, "a file failed", underlying: error, isRetryable: true, outcome: .unknown)
        }
    }

    func store(_ message: Message, in stream: StreamName) throws -> MessageID {
        let last = MessageID((try? String(contentsOfFile: "\(path)/last", encoding: .utf8)) ?? "")
        let now = MessageID(milliseconds: UInt64(clock.timestamp.milliseconds), sequence: 0)
        let (id, root) = (max(now, last?.next ?? now), "\(path)/\(stream).stream")
        try Data(id.description.utf8).write(to: URL(filePath: "\(path)/last"), options: .atomic)
        try makeFolder("\(root)/log")
        let content = try JSONEncoder().encode(message.fields.map { [$0.name: Data($0.value.bytes)] })
        try content.write(to: URL(filePath: "\(root)/log/\(id)"), options: .atomic)
        let groups = try names(in: root).filter { $0.hasSuffix(".group") }
        for group in groups { try check(link("\(root)/log/\(id)", "\(root)/\(group)/\(id).\(PendingRecord())")) }
        for name in ["log/\(id)", "log"] + groups where sync == .always {
            try FileHandle(forReadingFrom: URL(filePath: "\(root)/\(name)")).synchronize()
        }
        return id
    }

    /// Answers the folder of the group. No name leads elsewhere: `:`, which none has, stands for `/`.
    private func makeGroup(_ request: SubscriptionRequest, of stream: StreamName) throws -> String {
        let root = "\(path)/\(stream).stream"
        let group = "\(root)/\(request.group.text.replacing("/", with: ":")).group"
        if FileManager.default.fileExists(atPath: group) { return group }
        try? FileManager.default.removeItem(atPath: "\(root)/draft")
        for folder in ["log", "draft"] { try makeFolder("\(root)/\(folder)") }
        for id in try names(in: "\(root)/log").compactMap(MessageID.init) where id >= request.start.firstID {
            try check(link("\(root)/log/\(id)", "\(root)/draft/\(id).\(PendingRecord())"))
        }
        try check(rename("\(root)/draft", group))
        return group
    }

    func names(in folder: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: folder) }
    private func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: name, withIntermediateDirectories: true)
    }
    @discardableResult func check(_ answer: Int32) throws -> Int32 {
        guard answer < 0 else { return answer }
        throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
}
