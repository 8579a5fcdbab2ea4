// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

import StreamBroker

/// What can be known of a webhook from its line: the kind, and of the payload what the tally asks for.
///
/// A line is an object with `event`, the kind as the sender's header has it, and `payload`, the body as it was sent.
/// The payload alone does not tell its kind. More members are welcome and not looked at.
struct Webhook: Decodable, Sendable {
    /// The kind: `push`, `pull_request` and so on.
    let event: String
    let payload: Details

    /// What some kinds have and others have not; a value of another type counts as absent.
    struct Details: Decodable, Sendable {
        let action: String?
        let repository: String?
        let organization: String?
        let sender: String?
    }

    /// Whose events have an order: the repository's, where there is none the organization's, else the sender's.
    var key: String? { payload.repository ?? payload.organization ?? payload.sender }

    /// The stream of a kind.
    static func stream(of event: String) -> StreamName {
        StreamName(prefix + event)
    }

    /// The kind of a stream.
    static func kind(of stream: StreamName) -> String {
        String(stream.text.dropFirst(prefix.count))
    }

    private static let prefix = "github."
}

extension Webhook.Details {
    private enum Member: String, CodingKey {
        case action, repository, organization, sender
    }

    private struct Repository: Decodable {
        // The name as the JSON spells it.
        enum CodingKeys: String, CodingKey { case fullName = "full_name" }
        let fullName: String
    }

    private struct Account: Decodable {
        let login: String
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: Member.self)
        action = try? members.decode(String.self, forKey: .action)
        repository = (try? members.decode(Repository.self, forKey: .repository))?.fullName
        organization = (try? members.decode(Account.self, forKey: .organization))?.login
        sender = (try? members.decode(Account.self, forKey: .sender))?.login
    }
}
