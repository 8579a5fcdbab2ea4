// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import RedisWire

/// Where a scan of all keys continues: at a cursor among the keys of one primary, then with those of the next one.
package struct ScanPosition: Sendable, Hashable {
    /// Where a scan begins, and where it is when it has seen all keys.
    package static let start = ScanPosition(node: 0, cursor: "0")

    /// Which of the primaries it reads, counted from 0.
    package let node: Int
    /// The cursor of SCAN.
    package let cursor: String

    /// Returns the position behind a page.
    ///
    /// - Parameters:
    ///   - cursor: The cursor that the page came with; `nil` if it did not come, and the primary is passed over.
    ///   - nodes: How many primaries there are.
    package func next(_ cursor: String?, of nodes: Int) -> ScanPosition {
        if let cursor, cursor != "0" { return ScanPosition(node: node, cursor: cursor) }
        return node + 1 < nodes ? ScanPosition(node: node + 1, cursor: "0") : .start
    }
}

extension RedisStreamsProvider {
    private static let pageSize = 1000

    /// Reads the next part of all keys.
    ///
    /// Where a cluster has a primary that cannot be reached, its keys are passed over: the next scan finds them.
    ///
    /// - Returns: the reply to SCAN with the keys of streams that match, `nil` if a primary was passed over, and where to
    ///   go on.
    func streamScan(
        _ pattern: StreamPattern, from position: ScanPosition, to action: String
    ) async throws(BrokerError) -> (page: RedisReply?, next: ScanPosition) {
        let place = try await commandConnection(to: action, for: RedisRoutes(.everyPrimary))
        let nodes = place.nodes
        // There may be fewer primaries than when the scan began.
        guard position.node < nodes.count else { return (nil, .start) }
        let scan = RedisCommands(
            "SCAN", position.cursor, "MATCH", keys.pattern(of: pattern), "COUNT", "\(Self.pageSize)", "TYPE", "stream",
            for: .everyPrimary)
        do throws(RedisError) {
            let page = try await place.connection(to: nodes[position.node]).send(scan)[0]
            return (page, position.next(page?.elements[0]?.string, of: nodes.count))
        } catch {
            if nodes.count == 1 { throw BrokerError(error, action) }
            return (nil, position.next(nil, of: nodes.count))
        }
    }
}
