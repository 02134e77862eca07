namespace Orleans.Concurrency;

/// <summary>Lets a method interleave with every other call.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
