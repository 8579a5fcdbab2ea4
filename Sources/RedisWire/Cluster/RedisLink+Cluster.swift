// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import Logging
import NIOCore

extension RedisLink {
    /// Makes a link to a cluster: it is connected as soon as a node has told which node has which slot.
    convenience init(_ options: RedisOptions, toClusterOf seeds: [RedisAddress], logger: Logger) throws(RedisError) {
        let cluster = try options.cluster.cluster(options, seeds: seeds, logger: logger)
        try self.init(options, logger: logger) { _, _ in
            let promise = options.loop.eventLoop.makePromise(of: RedisConnection.self)
            cluster.whenKnown { result in
                promise.completeWith(
                    result.map { RedisConnection(ClusterLine(cluster, options), options) }.mapError { $0 })
            }
            return promise.futureResult
        }
    }
}
