// This source file is part of StreamBroker.
// Copyright (c) 2026 the StreamBroker authors.
// Licensed under the Apache License, Version 2.0; see LICENSE.
// SPDX-License-Identifier: Apache-2.0

// An application needs one import. It exports what an application names, type by type; members come with their type.
// The author of a provider imports BrokerCore besides, for the seam and for time. A test holds the list.

// The vocabulary of messages.
@_exported public import struct BrokerCore.DeduplicationID
@_exported public import struct BrokerCore.Headers
@_exported public import struct BrokerCore.Message
@_exported public import protocol BrokerCore.MessageCodec
@_exported public import struct BrokerCore.MessageID
@_exported public import struct BrokerCore.Payload
@_exported public import struct BrokerCore.PublishReceipt
@_exported public import enum BrokerCore.ReservedHeaders
@_exported public import struct BrokerCore.StoredMessage
@_exported public import struct BrokerCore.Timestamp

// Names.
@_exported public import struct BrokerCore.BrokerName
@_exported public import struct BrokerCore.ConsumerName
@_exported public import struct BrokerCore.GroupName
@_exported public import struct BrokerCore.StreamName
@_exported public import struct BrokerCore.StreamPattern
@_exported public import enum BrokerCore.StreamSelection

// What may go wrong, and where.
@_exported public import struct BrokerCore.BrokerError
@_exported public import struct BrokerCore.ConfigurationError
@_exported public import struct BrokerCore.ConfigurationProblem
@_exported public import struct BrokerCore.DeadLetterNote
@_exported public import struct BrokerCore.SourcePosition

// Configurations that are built in code.
@_exported public import enum BrokerCore.BodyLayout
@_exported public import struct BrokerCore.BrokerCapabilities
@_exported public import struct BrokerCore.BrokerConfiguration
@_exported public import struct BrokerCore.BrokersConfiguration
@_exported public import struct BrokerCore.ConfigurationNode
@_exported public import struct BrokerCore.ConfigurationOrigin
@_exported public import struct BrokerCore.ConfigurationPath
@_exported public import struct BrokerCore.ConsumerOptions
@_exported public import struct BrokerCore.DeadLetterPolicy
@_exported public import struct BrokerCore.DeduplicationPolicy
@_exported public import enum BrokerCore.DeliveryGuarantee
@_exported public import struct BrokerCore.DurabilityPolicy
@_exported public import enum BrokerCore.ErrorDetail
@_exported public import struct BrokerCore.GroupConfiguration
@_exported public import enum BrokerCore.Ordering
@_exported public import struct BrokerCore.RetentionPolicy
@_exported public import struct BrokerCore.RetryOptions
@_exported public import struct BrokerCore.RetryPolicy
@_exported public import enum BrokerCore.StartPosition
@_exported public import struct BrokerCore.StreamConfiguration
@_exported public import enum BrokerCore.UndecodablePolicy

// What observers and operators are told.
@_exported public import struct BrokerCore.InboundMessage
@_exported public import struct BrokerCore.MaintenanceReport
@_exported public import struct BrokerCore.MissingEntry
@_exported public import struct BrokerCore.Receipt
@_exported public import struct BrokerCore.RunningHandler
@_exported public import struct BrokerCore.StreamStatistics

// The registry, its brokers and its handlers.
@_exported public import typealias BrokerEngine.BatchHandler
@_exported public import struct BrokerEngine.BatchSize
@_exported public import struct BrokerEngine.Broker
@_exported public import struct BrokerEngine.BrokerHealth
@_exported public import class BrokerEngine.BrokerRegistry
@_exported public import struct BrokerEngine.DeadLetterFilter
@_exported public import struct BrokerEngine.DeadLetterReplay
@_exported public import struct BrokerEngine.Delivery
@_exported public import typealias BrokerEngine.DeliveryHandler
@_exported public import struct BrokerEngine.HandlerID
@_exported public import typealias BrokerEngine.OutputMaker
@_exported public import struct BrokerEngine.Reject
@_exported public import struct BrokerEngine.ReplayReport
@_exported public import struct BrokerEngine.StreamHandler
@_exported public import struct BrokerEngine.StreamOutput

// Middleware and observers.
@_exported public import class BrokerEngine.AttemptFailure
@_exported public import enum BrokerEngine.BrokerEvent
@_exported public import protocol BrokerEngine.BrokerMiddleware
@_exported public import protocol BrokerEngine.BrokerObserver
@_exported public import enum BrokerEngine.CancellationReason
@_exported public import struct BrokerEngine.ConsumerIdentity
@_exported public import struct BrokerEngine.DeadLetterPlace
@_exported public import struct BrokerEngine.DeliveryIdentity
@_exported public import enum BrokerEngine.DroppedReply
@_exported public import struct BrokerEngine.FailureCause
@_exported public import struct BrokerEngine.LoggingMiddleware
@_exported public import struct BrokerEngine.OutboundMessage
@_exported public import enum BrokerEngine.ProviderCall
@_exported public import struct BrokerEngine.PublishedEvent
@_exported public import struct BrokerEngine.ReceivedEvent
@_exported public import struct BrokerEngine.SettledEvent

// Loggers.
@_exported public import Logging
