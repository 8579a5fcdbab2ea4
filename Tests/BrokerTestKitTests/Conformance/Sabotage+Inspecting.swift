// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

extension Sabotage {
    static let inspecting: [Sabotage] = [
        Sabotage("the latest entries come oldest first", caughtBy: "the latest entries") {
            $0.reads = { $0.reversed() }
        },
        Sabotage("a range leaves out its last entry", caughtBy: "a range has both") { $0.reads = { $0.dropLast() } },
        Sabotage("a tail does not wait", caughtBy: "a tail follows") { $0.tails = { _ in .zero } },
        Sabotage("a tail waits too long", caughtBy: "a tail that waits") { $0.tails = { $0 * 2 } },
        Sabotage("purging counts nothing", caughtBy: "purging empties") { $0.purges = { _ in 0 } },
        counting("what is not known is 0", caughtBy: "what is not known is nil") { $0.groups[0].pending = 0 },
        counting("parked entries are not counted", caughtBy: "what is not known is nil") { $0.groups[0].parked = 0 },
        Sabotage("a stream that does not exist is counted", caughtBy: "that do not exist") {
            $0.counts = { $0.isEmpty ? [StreamStatistics(stream: "nowhere", length: 0, groups: [])] : $0 }
        },
        Sabotage("consumers that have left are named", caughtBy: "active consumers") {
            $0.names = { $0.union(["two"]) }
        },
        Sabotage("one consumer is not named", caughtBy: "active consumers") { $0.names = { $0.subtracting(["one"]) } },
        maintaining("hold is carried out as cap", caughtBy: "hold trims what is settled") { $0.retention.mode = .cap },
        maintaining("declared groups are ignored", caughtBy: "hold trims nothing") { $0.groups = [] },
        maintaining("nothing is trimmed", caughtBy: "hold trims what is settled") { $0.retention.maximumLength = nil },
        maintaining("every age is too old", caughtBy: "spares the young") { $0.retention.maximumAge = .zero },
        Sabotage("what was lost is not told", caughtBy: "cap keeps the bound") {
            $0.reports = {
                MaintenanceReport(trimmed: $0.trimmed + $0.lost, lost: 0, held: $0.held)
            }
        },
        Sabotage("dead letters that are lost are not told", caughtBy: "a bound on the dead letters") {
            $0.reports = { MaintenanceReport(trimmed: $0.trimmed, lost: 0, held: $0.held) }
        },
        Sabotage("who holds is not told", caughtBy: "hold trims what is settled") {
            $0.reports = { MaintenanceReport(trimmed: $0.trimmed, lost: $0.lost, held: []) }
        },
    ]

    private static func counting(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout StreamStatistics) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.counts = { statistics in
                var changed = statistics
                for index in changed.indices { change(&changed[index]) }
                return changed
            }
        }
    }

    private static func maintaining(
        _ description: String, caughtBy: String, _ change: @escaping @Sendable (inout MaintenanceRequest.Stream) -> Void
    ) -> Sabotage {
        Sabotage(description, caughtBy: caughtBy) {
            $0.maintains = { request in
                var changed = request
                for index in changed.streams.indices { change(&changed.streams[index]) }
                return changed
            }
        }
    }
}
