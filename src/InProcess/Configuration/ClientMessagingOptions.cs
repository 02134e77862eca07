namespace Orleans.Configuration;

/// <summary>Options of calls made by a client.</summary>
public class ClientMessagingOptions : MessagingOptions;
