// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Repeating the past of a stream: into another stream as copies, or for one group of the same stream.
extension Broker {
    /// Copies a range of a stream's past to the end of another stream, oldest first, with all headers.
    ///
    /// The headers `sb-origin-stream` and `sb-origin-id` of a copy name its original. The replay copies the entries
    /// that exist when it begins, so a stream can be copied into itself. When a page fails, or the task is cancelled,
    /// the report says what is left: call the method again with that range. It copies the page that failed again, so
    /// up to 256 entries may then be there twice.
    ///
    /// - Parameters:
    ///   - ids: The first and the last id, both included.
    ///   - source: The stream to read; a stream of dead letters, too.
    ///   - destination: The stream to write to.
    /// - Returns: How many entries were copied, and what is left.
    /// - Throws: ``BrokerError/Code/unsupported`` on a provider that cannot read the past, and
    ///   ``BrokerError/Code/undeclaredStream`` when the destination is not declared on this broker.
    public func replay(
        _ ids: ClosedRange<MessageID>, of source: StreamName, into destination: StreamName
    ) async throws(BrokerError) -> ReplayReport {
        try checkDeclared(destination)
        let newest = min(ids.upperBound, try await latest(1, of: source).first?.id ?? .zero)
        var report = ReplayReport(rest: ids.lowerBound <= newest ? ids.lowerBound...newest : nil)
        var size = PageSize()
        while let rest = report.rest, !Task.isCancelled {
            do {
                let page = try await range(rest, of: source, limit: size.count)
                try await copy(page, of: source, into: destination, &report)
                if page.count < size.count { report.rest = nil }
                size.took(page.count, bytes: page.byteCount)
            } catch {
                report.failure = error
                break
            }
        }
        return report
    }

    /// Moves a group of a stream back to a position, so that it receives everything behind it again.
    ///
    /// Other groups are not affected. The group's consumers continue: within a few seconds they receive the entries
    /// behind the position, each as a first attempt. Messages that they hold at that moment may be delivered once more,
    /// too. A position ahead of the group changes nothing.
    ///
    /// - Parameters:
    ///   - group: The group to move.
    ///   - stream: The stream that the group consumes.
    ///   - start: The position.
    /// - Returns: The id behind which the group now reads.
    /// - Throws: ``BrokerError/Code/unsupported`` on a provider without the ability ``Replaying``, and
    ///   ``BrokerError/Code/undeclaredGroup`` when the stream has no such group yet.
    @discardableResult
    public func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        guard let replaying = service as? any Replaying else { throw unsupported("rewind a group") }
        return try await replaying.rewind(group, of: stream, to: start)
    }

    func checkDeclared(_ stream: StreamName) throws(BrokerError) {
        if directory.declaration(of: stream)?.broker == name { return }
        let suggestion = Suggestion.phrase(for: stream.text, among: directory.names)
        throw BrokerError(
            .undeclaredStream, "the configuration declares no stream '\(stream)' of broker '\(name)'\(suggestion)")
    }

    /// Stores copies, and moves the report forward up to the first one that could not be stored.
    private func copy(
        _ page: [StoredMessage], of source: StreamName, into destination: StreamName, _ report: inout ReplayReport
    ) async throws(BrokerError) {
        var rest = page[...]
        while !rest.isEmpty {
            let write = rest.prefix(bytes: PageSize.bytes)
            rest = rest[write.endIndex...]
            let entries = write.map { PublishBatch.Entry(stream: destination, message: $0.copy(of: source)) }
            for (stored, result) in zip(write, await store(entries)) {
                _ = try result.get()
                report.count += 1
                report.pass(stored.id)
            }
        }
    }
}

extension ArraySlice<StoredMessage> {
    /// The longest prefix whose bodies stay within a bound; at least one entry.
    func prefix(bytes bound: Int) -> ArraySlice {
        var bytes = first?.message.size ?? 0
        let end = dropFirst().firstIndex { entry in
            bytes += entry.message.size
            return bytes > bound
        }
        return self[..<(end ?? endIndex)]
    }
}

extension StoredMessage {
    fileprivate func copy(of source: StreamName) -> Message {
        var copy = message
        copy.headers[ReservedHeaders.onlyGroup] = nil
        copy.headers[ReservedHeaders.originStream] = source.text
        copy.headers[ReservedHeaders.originID] = id.description
        return copy
    }
}

/// The progress of a replay.
public struct ReplayReport: Sendable {
    /// How many entries were copied.
    public var count: Int
    /// The part of the range that another call has to copy; `nil` when nothing is left.
    public var rest: ClosedRange<MessageID>?
    /// Why the replay ended early; `nil` when it did not, or when its task was cancelled.
    public var failure: BrokerError?

    /// Makes a report, as a replay does; tests need it, too.
    public init(count: Int = 0, rest: ClosedRange<MessageID>? = nil, failure: BrokerError? = nil) {
        self.count = count
        self.rest = rest
        self.failure = failure
    }

    /// Records that everything up to an id is copied.
    mutating func pass(_ id: MessageID) {
        guard let last = rest?.upperBound, let next = id.next, next <= last else {
            rest = nil
            return
        }
        rest = next...last
    }
}
