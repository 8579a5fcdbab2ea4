// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import BrokerCore

/// What is said about an entry that has no body, such as one that another program wrote. Names are shown, values never.
extension Delivery {
    /// How many names of fields are shown.
    private static let shownFields = 20

    /// Why a message has no body, and what to set; `nil` if it has one.
    var missingBody: String? {
        if message.hasPayload { return nil }
        let cure = "(docs/existing-streams.md)"
        guard case .field(let name) = consumer.layouts.layout(of: stream) else {
            let place = consumer.identity.selection.text.quoted
            return "stream \(place) has 'body: raw', so its messages have no body to decode; write 'body: fields' "
                + "or 'body: { field: … }' \(cure)"
        }
        return "the entry has no field \(name.quoted); \(otherFields); set 'body:' of stream "
            + "\(consumer.identity.selection.text.quoted) to the field that is the body \(cure)"
    }

    private var otherFields: String {
        let names = message.headers.map(\.name).filter { !$0.hasPrefix(ReservedHeaders.prefix) }
        if names.isEmpty { return "it has no other field" }
        let shown = names.prefix(Self.shownFields).map(\.quoted).joined(separator: ", ")
        let rest = names.count - Self.shownFields
        return names.count == 1
            ? "its only field is \(shown)" : "its fields are \(shown)\(rest > 0 ? " and \(rest) more" : "")"
    }
}
