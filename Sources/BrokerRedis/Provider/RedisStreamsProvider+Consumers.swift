// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

public import BrokerCore
import RedisWire

extension RedisStreamsProvider: ConsumerReporting {
    /// The consumers whose idle time is shorter than `period`; of a pattern, those of its first 256 streams.
    ///
    /// Reading and extending end the idle time. Before Redis 7.2 reading does so only when it brings something, so that
    /// a consumer which has received nothing is not seen there.
    public func consumers(
        of group: GroupName, on selection: StreamSelection, activeWithin period: Duration
    ) async throws(BrokerError) -> Set<ConsumerName> {
        let names: ArraySlice<StreamName> =
            switch selection {
            case .stream(let name): [name]
            case .pattern(let pattern): try await streams(matching: pattern).prefix(256)
            }
        guard !names.isEmpty else { return [] }
        var commands = RedisCommands()
        for name in names {
            let key = keys.key(of: name)
            commands.begin(4, "XINFO", for: .key(key))
            commands.add("CONSUMERS")
            commands.add(key)
            commands.add(group.text)
        }
        let members = try await ask(commands, to: "look for other consumers").flatMap(\.elements).map(\.facts)
        let active = members.filter { facts in
            facts["idle"]?.integer.map { Duration.milliseconds($0) < period } ?? false
        }
        return Set(active.compactMap { $0["name"]?.string }.compactMap(Member.consumer(ofNameOnServer:)))
    }
}
