namespace Orleans.Concurrency;

/// <summary>The caller does not wait for an answer and learns of no error.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
