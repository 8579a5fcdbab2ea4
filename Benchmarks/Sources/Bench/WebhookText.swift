// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// Makes up webhooks as GitHub sends them: most members are addresses and names in objects of some twenty members.
enum WebhookText {
    /// A body of about that many bytes, at least 600.
    static func body(of size: Int) -> Payload {
        var text = """
            {"event":"issues","name":"opened","payload":{"action":"opened","sender":\(object(0)),"repository":{"id":17273051
            """
        var number = 1
        while text.utf8.count < size - 400 {
            text += ",\"owner_\(number)\":\(object(number))"
            number += 1
        }
        return Payload(text + "}}}")
    }

    /// An object of 18 members, as that of an account is.
    private static func object(_ number: Int) -> String {
        let login = "\"login\":\"octocat-\(number)\",\"id\":\(6_811_672 + number),\"url\":null"
        let addresses = (0..<12).map {
            "\"member_\($0)_url\":\"https://api.example.com/users/octocat/\(number)/\($0)\""
        }
        let flags = "\"site_admin\":false,\"private\":true,\"type\":\"Organization\""
        return "{\(login),\(addresses.joined(separator: ",")),\(flags)}"
    }
}
