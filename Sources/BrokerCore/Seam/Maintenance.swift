// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What the engine knows when it asks a provider for its upkeep.
public struct MaintenanceRequest: Sendable {
    /// A stream of this provider, with what bounds it and the groups that must have seen an entry before it goes.
    public struct Stream: Sendable {
        /// The stream or the pattern it was declared by.
        public var selection: StreamSelection
        /// Its bounds.
        public var retention: RetentionPolicy
        /// The declared groups: nothing is trimmed while one of them does not exist.
        public var groups: [GroupName]

        /// Makes a description.
        public init(selection: StreamSelection, retention: RetentionPolicy, groups: [GroupName]) {
            self.selection = selection
            self.retention = retention
            self.groups = groups
        }
    }

    /// The declared streams of this provider.
    public var streams: [Stream]
    /// What another process has looked after less than so long ago may be left alone; 0 by default: nothing is.
    public var interval: Duration

    /// Makes a request.
    public init(streams: [Stream], interval: Duration = .zero) {
        self.streams = streams
        self.interval = interval
    }
}

/// What the upkeep did and found.
public struct MaintenanceReport: Sendable, Hashable {
    /// A stream that is over its bound because a group has not settled its oldest entries.
    public struct Held: Sendable, Hashable {
        /// The stream.
        public var stream: StreamName
        /// The group that holds it, or a declared group that does not exist; `nil` when the stream has no group.
        public var group: GroupName?
        /// How many entries are over the bound.
        public var excess: Int

        /// Makes a finding.
        public init(stream: StreamName, group: GroupName?, excess: Int) {
            self.stream = stream
            self.group = group
            self.excess = excess
        }
    }

    /// How many settled entries were trimmed.
    public var trimmed: Int
    /// How many unsettled entries were trimmed; only `retention: cap` ever does.
    public var lost: Int
    /// Streams that could not be trimmed to their bound.
    public var held: [Held]

    /// Makes a report; by default an empty one.
    public init(trimmed: Int = 0, lost: Int = 0, held: [Held] = []) {
        self.trimmed = trimmed
        self.lost = lost
        self.held = held
    }
}
