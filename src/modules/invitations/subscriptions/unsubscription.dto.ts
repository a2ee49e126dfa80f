import { ApiProperty } from '@nestjs/swagger';

class UnsubscribedPlace {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({ type: String })
  name: string;
}

export class UnsubscriptionView {
  @ApiProperty({ type: String, format: 'uuid' })
  id: string;
  @ApiProperty({
    type: UnsubscribedPlace,
    description: 'Organisation that you unsubscribed from; the platform counts as one',
  })
  organisation: UnsubscribedPlace;
  @ApiProperty({ type: String, format: 'date-time' })
  since: string;
}

export class UnsubscriptionList {
  @ApiProperty({ type: [UnsubscriptionView] })
  items: UnsubscriptionView[];
}
