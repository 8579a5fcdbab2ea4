// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a URL begins with, in the order in which errors list them.
enum RedisScheme: String, CaseIterable {
    case redis, rediss
    case sentinel = "redis+sentinel"
    case encryptedSentinel = "rediss+sentinel"
    case cluster = "redis+cluster"
    case encryptedCluster = "rediss+cluster"
    case unix

    enum Topology {
        case server, socket, sentinels, cluster

        var inWords: String {
            switch self {
            case .server, .socket: "a Redis server"
            case .sentinels: "Redis Sentinels"
            case .cluster: "a Redis cluster"
            }
        }
    }

    var topology: Topology {
        switch self {
        case .redis, .rediss: .server
        case .sentinel, .encryptedSentinel: .sentinels
        case .cluster, .encryptedCluster: .cluster
        case .unix: .socket
        }
    }

    var isEncrypted: Bool { rawValue.hasPrefix("rediss") }
    var hasList: Bool { topology == .sentinels || topology == .cluster }
}
