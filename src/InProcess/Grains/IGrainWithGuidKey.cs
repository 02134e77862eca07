namespace Orleans;

/// <summary>Marker of grain interfaces whose key is a <see cref="Guid"/>.</summary>
public interface IGrainWithGuidKey : IGrain;
