// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// How the lags of groups change between two looks: a pure value.
public struct LagTrend: Sendable, Hashable {
    private struct Place: Hashable {
        var broker: String
        var stream: String
        var group: String

        init(_ group: GroupReport) {
            (broker, stream, self.group) = (group.broker, group.stream, group.group)
        }
    }

    private var before: [Place: Int] = [:]
    private let elapsed: Duration

    /// Makes a trend.
    ///
    /// - Parameters:
    ///   - before: The groups at the earlier look; `nil` if there was none.
    ///   - elapsed: The time between the looks.
    public init(since before: GroupsReport?, elapsed: Duration) {
        for group in before?.groups ?? [] { self.before[Place(group)] = group.lag }
        self.elapsed = elapsed
    }

    /// Returns by how many entries a second the lag of a group rises; negative if it falls, `nil` if it is unknown.
    public func change(of group: GroupReport) -> Int? {
        rate(of: group).map { Int($0.rounded()) }
    }

    /// Returns after how many milliseconds the group has read everything at this pace; `nil` if it never will.
    public func drain(of group: GroupReport) -> Int64? {
        guard let lag = group.lag else { return nil }
        if lag == 0 { return 0 }
        guard let rate = rate(of: group), rate < 0 else { return nil }
        return Int64(exactly: (Double(lag) / -rate * 1000).rounded())
    }

    private func rate(of group: GroupReport) -> Double? {
        guard elapsed > .zero, let lag = group.lag, let before = before[Place(group)] else { return nil }
        return Double(lag - before) / (elapsed / .seconds(1))
    }
}
