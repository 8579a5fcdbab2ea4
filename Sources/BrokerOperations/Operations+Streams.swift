// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

package import BrokerCore
package import BrokerEngine

/// The counts of a stream, and what the configuration says about it.
package struct CountedStream: Sendable {
    /// The broker that carries it.
    package var broker: Broker
    /// Its counts.
    package var statistics: StreamStatistics
    /// Whether it holds dead letters.
    package var holdsDeadLetters: Bool
    /// The groups that the configuration declares for it.
    package var declaredGroups: [GroupName]
}

/// Counting streams.
extension Operations {
    /// How many questions are on their way to a broker at the same time.
    private static let width = 32

    /// Returns the counts of all streams of a broker that exist; none from a provider that cannot count.
    ///
    /// Each stream is counted once, by the first declaration that selects it.
    package func count(_ broker: Broker) async throws(BrokerError) -> [CountedStream] {
        guard let reporting = broker.service as? any StatisticsReporting else { return [] }
        let sources = sources(of: broker)
        var seen: Set<StreamName> = []
        var result: [CountedStream] = []
        for start in stride(from: 0, to: sources.count, by: Self.width) {
            let page = sources[start..<min(start + Self.width, sources.count)]
            for (source, counts) in zip(page, await count(page.map(\.selection), by: reporting)) {
                for statistics in try counts.get() where seen.insert(statistics.stream).inserted {
                    result.append(
                        CountedStream(
                            broker: broker, statistics: statistics, holdsDeadLetters: source.holdsDeadLetters,
                            declaredGroups: source.groups))
                }
            }
        }
        return result
    }

    /// Returns the counts for each selection, in order.
    private func count(
        _ selections: [StreamSelection], by reporting: any StatisticsReporting
    ) async -> [Result<[StreamStatistics], BrokerError>] {
        await withTaskGroup { group in
            for (position, selection) in selections.enumerated() {
                group.addTask { (position, await Self.count(selection, by: reporting)) }
            }
            var results = selections.map { _ in Result<[StreamStatistics], BrokerError>.success([]) }
            for await (position, result) in group { results[position] = result }
            return results
        }
    }

    private static func count(
        _ selection: StreamSelection, by reporting: any StatisticsReporting
    ) async -> Result<[StreamStatistics], BrokerError> {
        do throws(BrokerError) {
            return .success(try await reporting.statistics(of: selection))
        } catch {
            return .failure(error)
        }
    }
}

/// Finding streams and groups by their names.
extension Operations {
    /// Returns the broker that carries a stream.
    ///
    /// - Parameters:
    ///   - stream: The stream.
    ///   - name: The broker that is meant; `nil` for the one that the configuration says, or the only one.
    /// - Throws: ``BrokerError/Code/undeclaredStream`` with a suggestion.
    package func broker(of stream: StreamName, on name: BrokerName? = nil) throws(BrokerError) -> Broker {
        let meant = try brokers(name)
        if isBare {
            if meant.count == 1, let broker = meant.first { return broker }
            let names = Suggestion.list(meant.map(\.name.text))
            throw BrokerError(
                .undeclaredStream, "several brokers may have '\(stream)'; choose one by --broker: \(names)")
        }
        let declared = registry.directory.declaration(of: stream)?.broker
        if let broker = meant.first(where: { $0.name == declared }) { return broker }
        let suggestion = Suggestion.phrase(for: stream.text, among: registry.directory.names)
        let place = name.map { " of broker '\($0)'" } ?? ""
        throw BrokerError(
            .undeclaredStream, "the configuration declares no stream \(stream.text.quoted)\(place)\(suggestion)")
    }

    /// Returns the counts of a stream that exists.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredStream`` with a suggestion if there is no such stream.
    package func count(_ stream: StreamName, on name: BrokerName? = nil) async throws(BrokerError) -> CountedStream {
        let broker = try broker(of: stream, on: name)
        guard let reporting = broker.service as? any StatisticsReporting else {
            throw broker.unsupported("count the entries of streams")
        }
        let declaration = registry.directory.declaration(of: stream)
        if let counts = try await reporting.statistics(of: .stream(stream)).first {
            return CountedStream(
                broker: broker, statistics: counts,
                holdsDeadLetters: declaration?.holdsDeadLetters ?? stream.isNamedForDeadLetters,
                declaredGroups: declaration?.stream.groups.map(\.name) ?? [])
        }
        let present = isBare ? try await count(broker).map(\.statistics.stream.text) : []
        let suggestion = Suggestion.phrase(for: stream.text, among: present)
        throw BrokerError(
            .undeclaredStream, "broker '\(broker.name)' has no stream \(stream.text.quoted) yet\(suggestion)")
    }

    /// Returns the counts of a group that exists.
    ///
    /// - Throws: ``BrokerError/Code/undeclaredGroup`` with a suggestion if the stream has no such group.
    package func count(
        _ group: GroupName, of stream: StreamName, on name: BrokerName? = nil
    ) async throws(BrokerError) -> (stream: CountedStream, group: StreamStatistics.Group) {
        let counted = try await count(stream, on: name)
        let groups = counted.statistics.groups
        if let found = groups.first(where: { $0.name == group }) { return (counted, found) }
        let names = groups.map(\.name.text)
        let suggestion = Suggestion.phrase(for: group.text, among: names)
        let advice = suggestion.isEmpty && !names.isEmpty ? "; it has \(Suggestion.list(names))" : suggestion
        throw BrokerError(.undeclaredGroup, "'\(stream)' has no group \(group.text.quoted)\(advice)")
    }
}
