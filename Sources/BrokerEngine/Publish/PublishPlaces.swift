// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Synchronization

/// The stations of a broker whose streams are at several places: one for each place, so that none waits for another.
final class PublishPlaces: Sendable {
    private typealias Results = [Result<PublishReceipt, BrokerError>]

    /// How many stations are kept. Places come and go; a station that is in use ends with its callers.
    private static let maximum = 256

    private let provider: any StreamPlacing
    private let directory: StreamDirectory
    private let makeStation: @Sendable () -> PublishStation
    private let stations = Mutex<[PublishDivision.Destination: PublishStation]>([:])

    init(
        _ provider: any StreamPlacing, _ directory: StreamDirectory,
        makeStation: @escaping @Sendable () -> PublishStation
    ) {
        self.provider = provider
        self.directory = directory
        self.makeStation = makeStation
    }

    /// Stores messages; returns one result for each, in order.
    func publish(
        _ entries: [PublishBatch.Entry], isCancellable: Bool, until deadline: Instant
    ) async -> [Result<PublishReceipt, BrokerError>] {
        let division = PublishDivision(entries) { stream in
            .init(place: provider.place(of: stream), isReplicated: directory.isReplicated(stream))
        }
        if let only = division.only {
            return await station(of: only).publish(entries, isCancellable: isCancellable, until: deadline)
        }
        return await withTaskGroup(of: (positions: [Int], results: Results).self) { group in
            for (destination, positions) in division.parts {
                let (station, part) = (station(of: destination), positions.map { entries[$0] })
                group.addTask {
                    (positions, await station.publish(part, isCancellable: isCancellable, until: deadline))
                }
            }
            var results: [(positions: [Int], results: Results)] = []
            for await part in group { results.append(part) }
            return PublishDivision.join(results, count: entries.count)
        }
    }

    private func station(of destination: PublishDivision.Destination) -> PublishStation {
        stations.withLock { stations in
            if let station = stations[destination] { return station }
            if stations.count >= Self.maximum { stations = [:] }
            let station = makeStation()
            stations[destination] = station
            return station
        }
    }
}
