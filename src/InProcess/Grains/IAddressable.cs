namespace Orleans.Runtime;

/// <summary>Marker of everything that has a grain id and takes calls.</summary>
public interface IAddressable;
