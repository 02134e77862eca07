namespace Orleans;

/// <summary>Exempts a grain class's activations from collection by age.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public class KeepAliveAttribute : Attribute;
