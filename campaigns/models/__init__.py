from campaigns.models.campaigns import Campaign, CampaignState, Timing

__all__ = ["Campaign", "CampaignState", "Timing"]
