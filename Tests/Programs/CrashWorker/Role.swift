// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

/// What a worker is for.
enum Role {
    /// It handles messages; a hasty one acknowledges them first, which is the mistake that the tests must notice.
    case consume(isHasty: Bool)
    /// It handles messages of the streams `side.*` too.
    case wide
    /// It handles messages as a service among others, whose end nothing forces; see ``ServiceProgram``.
    case served
    /// It publishes; see ``Publisher``.
    case publish(ArraySlice<String>)

    /// Reads `hasty`, `wide`, `served`, or `publish` and what belongs to it; nothing is a plain consumer.
    init?(_ words: ArraySlice<String>) {
        switch words.first {
        case nil: self = .consume(isHasty: false)
        case "hasty": self = .consume(isHasty: true)
        case "wide": self = .wide
        case "served": self = .served
        case "publish": self = .publish(words.dropFirst())
        default: return nil
        }
    }
}
