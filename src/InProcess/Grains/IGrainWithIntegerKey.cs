namespace Orleans;

/// <summary>Marker of grain interfaces whose key is a 64-bit integer.</summary>
public interface IGrainWithIntegerKey : IGrain;
