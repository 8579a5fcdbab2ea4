// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Giving the past again: to another stream as copies, or to one group of the same stream.
extension Broker {
    /// Copies a range of a stream's past to the end of another stream, oldest first, with all headers.
    ///
    /// Each copy says in `sb-origin-stream` and `sb-origin-id` of what it is one. Copied is what was there when it
    /// began, so that a stream may be copied into itself. When a page fails, or the task is cancelled, the report says
    /// what is left: call it again with that range. What is copied again of the page that failed, up to 256 entries,
    /// may be there twice then.
    ///
    /// Throws ``BrokerError/Code/unsupported`` on a provider that cannot read the past, and
    /// ``BrokerError/Code/undeclaredStream`` when the destination is not declared on this broker.
    ///
    /// - Parameters:
    ///   - ids: The first and the last id, both included.
    ///   - source: The stream that is read; dead letters too.
    ///   - destination: The stream that is written.
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

    /// Gives a group of a stream again everything from a position on; returns the id behind which it reads now.
    ///
    /// Other groups see nothing of it, and the group's consumers go on: within a few seconds they get what is behind
    /// the position, each as a first attempt. What they have in hand at that moment may be given once more, too. A
    /// position ahead of the group changes nothing.
    ///
    /// Throws ``BrokerError/Code/unsupported`` on a provider without the ability ``Replaying``, and
    /// ``BrokerError/Code/undeclaredGroup`` when the stream has no such group yet.
    @discardableResult
    public func rewind(
        _ group: GroupName, of stream: StreamName, to start: StartPosition
    ) async throws(BrokerError) -> MessageID {
        guard let replaying = service as? any Replaying else { throw unsupported("rewind a group") }
        return try await replaying.rewind(group, of: stream, to: start)
    }

    private func checkDeclared(_ stream: StreamName) throws(BrokerError) {
        if directory.declaration(of: stream)?.broker == name { return }
        let suggestion = Suggestion.phrase(for: stream.text, among: directory.names)
        throw BrokerError(
            .undeclaredStream, "the configuration declares no stream '\(stream)' of broker '\(name)'\(suggestion)")
    }

    /// Stores copies; the report goes on to the first that could not be stored.
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
    /// The first of them, as far as their bodies stay within a bound, but at least one.
    fileprivate func prefix(bytes bound: Int) -> ArraySlice {
        var bytes = first?.message.payload.count ?? 0
        let end = dropFirst().firstIndex { entry in
            bytes += entry.message.payload.count
            return bytes > bound
        }
        return self[..<(end ?? endIndex)]
    }
}

extension StoredMessage {
    fileprivate func copy(of source: StreamName) -> Message {
        var copy = message
        copy.headers[ReservedHeaders.originStream] = source.text
        copy.headers[ReservedHeaders.originID] = id.description
        return copy
    }
}
