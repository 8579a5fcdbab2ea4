// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore

/// Putting dead letters back to the group that gave them up.
extension Broker {
    /// Puts dead letters of a group back into their stream, oldest first, for that group alone.
    ///
    /// Each of them becomes a new message at the end of the stream, with its first attempt, and leaves the dead letters
    /// in the same step: an interrupted call loses nothing and doubles nothing, and may be repeated as it was. The
    /// message is as it was published. Of what the framework wrote when it gave the message up, only
    /// `sb-origin-stream` and `sb-origin-id` stay; `sb-replays` counts how often it was put back
    /// (``Delivery/replays``). The other groups of the stream acknowledge the message without a handler. Dead letters
    /// that are stored during the call stay.
    ///
    /// - Parameters:
    ///   - stream: The stream in which the messages were published.
    ///   - group: The group that gave them up.
    ///   - filter: Which of its dead letters are put back; all by default.
    ///   - limit: The most dead letters to put back; all by default.
    /// - Returns: How many were put back, and how many were left.
    /// - Throws: ``BrokerError/Code/unsupported`` on a provider without the abilities ``HistoryReading`` and
    ///   ``EntryMoving``, ``BrokerError/Code/undeclaredStream`` or ``BrokerError/Code/undeclaredGroup`` when the
    ///   configuration declares no such stream or group on this broker, and what prevents the first look at the dead
    ///   letters. A later failure is in the report.
    public func replayDeadLetters(
        of stream: StreamName, for group: GroupName, matching filter: DeadLetterFilter = DeadLetterFilter(),
        limit: Int = .max
    ) async throws(BrokerError) -> DeadLetterReplay {
        let letters = try deadLetters(of: stream, for: group)
        guard let moving = service as? any (EntryMoving & HistoryReading) else {
            throw unsupported("put dead letters back; let a group of '\(letters)' handle them")
        }
        let newest = try await moving.latest(1, of: letters).first?.id ?? .zero
        var report = DeadLetterReplay(rest: filter.range(upTo: newest))
        var size = PageSize()
        while let rest = report.rest, report.replayed < limit, report.failure == nil, !Task.isCancelled {
            do {
                let page = try await moving.range(rest, of: letters, limit: size.count)
                let all = page.filter { $0.message.headers.isDeadLetter(of: stream, for: group) && filter.matches($0) }
                let chosen = all.prefix(limit - report.replayed)
                await putBack(chosen, from: letters, to: stream, for: group, by: moving, &report)
                let seen = chosen.count < all.count ? page.prefix { $0.id < all[chosen.count].id } : page[...]
                report.skipped += seen.count - chosen.count
                report.pass(seen.last?.id, isEnd: seen.count == page.count && page.count < size.count)
                size.took(page.count, bytes: page.byteCount)
            } catch {
                report.failure = error
            }
        }
        return report
    }

    /// Returns the stream of a group's dead letters.
    private func deadLetters(of stream: StreamName, for group: GroupName) throws(BrokerError) -> StreamName {
        try checkDeclared(stream)
        guard let declaration = directory.declaration(of: stream),
            let settings = directory.settings(of: group, in: declaration)
        else {
            let names = directory.declaration(of: stream)?.stream.groups.map(\.name.text) ?? []
            let suggestion = Suggestion.phrase(for: group.text, among: names)
            throw BrokerError(
                .undeclaredGroup, "the configuration declares no group '\(group)' of stream '\(stream)'\(suggestion)")
        }
        return settings.deadLetter.destination(for: stream)
    }

    /// Moves dead letters back, as many at a time as a page may have bytes; stops at a failure.
    private func putBack(
        _ chosen: ArraySlice<StoredMessage>, from letters: StreamName, to stream: StreamName, for group: GroupName,
        by moving: any EntryMoving, _ report: inout DeadLetterReplay
    ) async {
        var rest = chosen
        while !rest.isEmpty, report.failure == nil {
            let part = rest.prefix(bytes: PageSize.bytes)
            rest = rest[part.endIndex...]
            let returned = part.map { StoredMessage(id: $0.id, message: $0.message.putBack(for: group)) }
            for result in await moving.move(returned, from: letters, to: stream) { report.count(result) }
        }
    }
}

extension Headers {
    /// Returns whether these are the headers of a dead letter of a group.
    fileprivate func isDeadLetter(of stream: StreamName, for group: GroupName) -> Bool {
        self[ReservedHeaders.originStream] == stream.text && self[ReservedHeaders.group] == group.text
    }
}

extension Message {
    /// Returns the message as it was published, for one group of its stream.
    fileprivate func putBack(for group: GroupName) -> Message {
        let replays = headers[ReservedHeaders.replays].flatMap { Int($0) } ?? 0
        var message = self
        message.headers = Headers(headers.filter { !ReservedHeaders.givingUp.contains($0.name) })
        message.headers[ReservedHeaders.replays] = "\(max(0, replays).addingReportingOverflow(1).partialValue)"
        // The last header: there its consumers look for it.
        message.headers[ReservedHeaders.onlyGroup] = group.text
        return message
    }
}
