// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

extension Message {
    /// The message without what the framework wrote beside the input, so that an input can be passed on as it is.
    func withoutReservedHeaders(of input: Message) -> Message {
        guard headers.contains(where: { Self.isReserved($0.name) }) else { return self }
        var message = self
        message.headers = Headers(headers.filter { !Self.isReserved($0.name) || !input.headers.contains($0) })
        return message
    }

    private static func isReserved(_ name: String) -> Bool {
        name == ReservedHeaders.payload || name.hasPrefix(ReservedHeaders.prefix)
    }
}
