// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// One event of libyaml as values: nothing of C is left in it.
struct YAMLEvent {
    /// What happened.
    enum Kind {
        case documentStart
        case alias(String)
        case scalar(String, isQuoted: Bool)
        case listStart, listEnd, mapStart, mapEnd
    }

    /// A place as libyaml counts it, from 0.
    struct Mark {
        var line: Int
        var column: Int
    }

    var kind: Kind
    var anchor: String?
    var hasTag = false
    var start: Mark
    var end: Mark
}
