// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore
import Testing

@Suite struct FieldsTests {
    @Test func aMessageIsWhatItsFieldsSay() {
        var headers: Headers = ["a": "1", "b": ""]
        headers.append("a", "2")
        let messages = [
            Message("body", key: "k", headers: headers), Message(Payload.empty), Message(key: "", headers: headers),
            Message(headers: [:]),
        ]
        for message in messages { #expect(Message(fields: message.fields) == message) }
        #expect(messages[0].fields.map(\.name) == ["data", "sb-key", "a", "b", "a"])
    }
}
