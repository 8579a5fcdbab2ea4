// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// For how long a server has refused to serve, as a pure value: a primary that was cut off from its replicas and from
/// the Sentinels looks just so.
struct ServerTrouble {
    /// How long it may last before the address is doubted.
    static let patience = TimeAmount.seconds(1)
    /// Trouble that comes after this time is another one.
    static let calm = TimeAmount.seconds(10)
    /// How long it may last until it is doubted again; twice as long each time, up to this.
    static let longest = TimeAmount.seconds(60)

    private var last: NIODeadline?
    private var next = NIODeadline.distantFuture
    private var pause = patience

    /// A command got an error reply; returns whether the address is in doubt.
    mutating func notice(_ error: ServerError, at now: NIODeadline) -> Bool {
        guard ["NOREPLICAS", "MASTERDOWN", "LOADING"].contains(where: error.text.hasPrefix) else { return false }
        if last.map({ now - $0 > Self.calm }) ?? true {
            pause = Self.patience
            // A replica that has lost its primary is none, however long it is so.
            next = error.text.hasPrefix("MASTERDOWN") ? now : now + pause
        }
        last = now
        guard next <= now else { return false }
        pause = min(pause + pause, Self.longest)
        next = now + pause
        return true
    }
}
