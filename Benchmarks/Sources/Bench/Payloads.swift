// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// The bodies of a benchmark with a typed handler.
struct Payloads: Sendable {
    /// What the typed handler decodes of a body: a few fields, some of them nested, as handlers do.
    struct Event: Codable, Sendable {
        struct Sender: Codable, Sendable {
            var login: String
            var id: Int
            var url: String?
        }

        struct Body: Codable, Sendable {
            var action: String?
            var sender: Sender?
            var items: [String]?
        }

        var event: String
        var name: String
        var payload: Body
    }

    let bodies: [Payload]
    let origin: String

    /// The lines of a file, or one generated object of 1 KiB.
    init(file: String?) throws {
        guard let file else {
            bodies = [try Self.generated()]
            origin = "1 KiB"
            return
        }
        guard let lines = TextFile.lines(of: file) else { throw UnusableFile(file: file, reason: "cannot be read") }
        bodies = lines.map { Payload(String($0)) }
        guard !bodies.isEmpty else { throw UnusableFile(file: file, reason: "has no lines") }
        // A body that cannot be decoded would be a dead letter, and measured as if it had been handled.
        for (index, body) in bodies.enumerated() {
            guard (try? JSONMessageCodec().decode(Event.self, from: body)) == nil else { continue }
            throw UnusableFile(file: file, reason: "has no event in line \(index + 1)")
        }
        origin = "\(bodies.reduce(0) { $0 + $1.count } / bodies.count) bytes on average"
    }

    subscript(number: Int) -> Message { Message(bodies[number % bodies.count]) }

    /// Bodies as large, and of as many members, as those of webhooks of GitHub: 1 to 27 KB, half of them below 8 KB.
    static var webhooks: Payloads {
        // The tenths of the sizes of the 255 examples in octokit/webhooks.
        let sizes = [980, 2993, 6306, 7088, 7583, 8078, 9223, 11575, 13478, 23730, 27006]
        let bodies = zip(sizes, sizes.dropFirst()).flatMap { less, more in
            (0..<10).map { less + (more - less) * $0 / 10 }
        }.map { WebhookText.body(of: $0) }
        return Payloads(bodies: bodies, origin: "webhooks")
    }

    private init(bodies: [Payload], origin: String) {
        self.bodies = bodies
        self.origin = origin
    }

    private static func generated() throws -> Payload {
        let sender = Event.Sender(login: "octocat", id: 583_231, url: "https://example.com/users/octocat")
        var items: [String] = []
        while true {
            let content = Event.Body(action: "created", sender: sender, items: items)
            let body = try JSONMessageCodec().encode(Event(event: "order", name: "created", payload: content))
            if body.count >= 1000 { return body }
            items.append("item number \(items.count)")
        }
    }
}
